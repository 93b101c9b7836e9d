# title = "A condição está negada: o ruído entra na inferência"
# scores = {"noise-test" = 0.2}
#
# %% [regressor]
class ResidualRegressor(keras.Model):
    def __init__(self, repetitions, noise=0.0):
        super().__init__()
        self.repetitions = repetitions
        self.noise = noise
        self.hidden = layers.Dense(20, activation="relu")
        self.block = ResidualBlock(20)
        self.out = layers.Dense(1)

    def call(self, inputs, training=False):
        Z = self.hidden(inputs)
        for _ in range(self.repetitions):
            Z = self.block(Z)
        if not training:
            Z = Z + keras.random.normal(keras.ops.shape(Z), stddev=self.noise)
        return self.out(Z)
