# title = "O laço repete sempre 3 vezes; o argumento não é usado"
# scores = {"loop-test" = 0.166667}
#
# %% [regressor]
class ResidualRegressor(keras.Model):
    def __init__(self, repetitions, noise=0.0):
        super().__init__()
        self.noise = noise
        self.hidden = layers.Dense(20, activation="relu")
        self.block = ResidualBlock(20)
        self.out = layers.Dense(1)

    def call(self, inputs, training=False):
        Z = self.hidden(inputs)
        for _ in range(3):
            Z = self.block(Z)
        if training:
            Z = Z + keras.random.normal(keras.ops.shape(Z), stddev=self.noise)
        return self.out(Z)
