# title = "Bloco com pesos próprios (add_weight em build) e treinamento dentro de uma função"
#
# %% [block]
class ResidualBlock(keras.layers.Layer):
    def __init__(self, units):
        super().__init__()
        self.units = units

    def build(self, shape):
        self.W1 = self.add_weight(shape=(shape[-1], self.units), initializer="glorot_uniform")
        self.b1 = self.add_weight(shape=(self.units,), initializer="zeros")
        self.W2 = self.add_weight(shape=(self.units, self.units), initializer="glorot_uniform")
        self.b2 = self.add_weight(shape=(self.units,), initializer="zeros")

    def call(self, X):
        Z = keras.ops.relu(keras.ops.matmul(X, self.W1) + self.b1)
        return X + keras.ops.relu(keras.ops.matmul(Z, self.W2) + self.b2)
# %% [training]
def treina(modelo, epocas):
    modelo.compile("rmsprop", "mse")
    return modelo.fit(separar(X_train), y_train, epochs=epocas, batch_size=64, validation_data=(separar(X_valid), y_valid), verbose=0)

model = WideAndDeepModel(activation=keras.activations.selu)
history = treina(model, 8).history
