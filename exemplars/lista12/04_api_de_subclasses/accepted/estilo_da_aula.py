# title = "Estilo da aula: tf.keras, **kwargs, keras.layers.concatenate, SGD, bloco como Layer com lista de camadas"
#
# %% [wide]
class WideAndDeepModel(tf.keras.models.Model):
    def __init__(self, units=30, activation="relu", **kwargs):
        super(WideAndDeepModel, self).__init__(**kwargs)
        self.hidden1 = tf.keras.layers.Dense(units, activation=activation)
        self.hidden2 = tf.keras.layers.Dense(units, activation=activation)
        self.main_output = tf.keras.layers.Dense(1)

    def call(self, inputs):
        input_A, input_B = inputs
        hidden1 = self.hidden1(input_B)
        hidden2 = self.hidden2(hidden1)
        concat = tf.keras.layers.concatenate([input_A, hidden2])
        return self.main_output(concat)
# %% [training]
model = WideAndDeepModel(30, activation="relu")
model.compile(loss="mse", optimizer=tf.keras.optimizers.SGD(learning_rate=0.01, clipnorm=1.0))
X_train_A, X_train_B = separar(X_train)
history = model.fit((X_train_A, X_train_B), y_train, epochs=8, validation_data=(separar(X_valid), y_valid), verbose=0)
# %% [block]
class ResidualBlock(keras.layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.hidden = [keras.layers.Dense(units, activation="relu") for _ in range(2)]

    def call(self, inputs):
        Z = inputs
        for layer in self.hidden:
            Z = layer(Z)
        return inputs + Z
# %% [functional]
input_ = keras.layers.Input(shape=(8,))
hidden1 = keras.layers.Dense(16, activation="relu")(input_)
block1 = ResidualBlock(16)
output = keras.layers.Dense(1)(block1(hidden1))
funcional = keras.models.Model(inputs=[input_], outputs=[output])
