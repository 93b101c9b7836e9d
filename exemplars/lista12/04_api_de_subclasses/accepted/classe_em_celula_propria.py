# title = "As classes em células próprias, com %%time, e uma classe redefinida depois"
#
# %% [wide]
%%time
class WideAndDeepModel(keras.Model):
    def __init__(self, units=30, activation="relu"):
        super().__init__()
        self.hidden1 = layers.Dense(units, activation=activation)
        self.hidden2 = layers.Dense(units, activation=activation)
        self.main_output = layers.Dense(1)

    def call(self, inputs):
        return self.main_output(keras.ops.concatenate([inputs[0], self.hidden2(self.hidden1(inputs[1]))], axis=1))
# %% [block]
class BlocoBase(keras.layers.Layer):
    def __init__(self, units):
        super().__init__()
        self.a = layers.Dense(units, activation="relu")
        self.b = layers.Dense(units, activation="relu")

class ResidualBlock(BlocoBase):
    def call(self, x):
        return self.b(self.a(x)) + x
# %% [predict]
def prever(X):
    """Prevê o valor das casas a partir dos atributos originais, forma (n, 8)."""
    return model.predict(separar(scaler.transform(X)), batch_size=512, verbose=0)[:, 0].tolist()
