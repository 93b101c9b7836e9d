# title = "O bloco residual esqueceu a soma"
# scores = {"block-test" = 0.166667, "functional-test" = 0.214286, "loop-test" = 0.166667}
#
# %% [block]
class ResidualBlock(keras.Model):
    def __init__(self, units):
        super().__init__()
        self.hidden1 = layers.Dense(units, activation="relu")
        self.hidden2 = layers.Dense(units, activation="relu")

    def call(self, inputs):
        return self.hidden2(self.hidden1(inputs))
