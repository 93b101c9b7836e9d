# title = "Um bloco novo para cada repetição: os pesos não são compartilhados"
# scores = {"loop-test" = 0.333333}
#
# %% [regressor]
class ResidualRegressor(keras.Model):
    def __init__(self, repetitions, noise=0.0):
        super().__init__()
        self.noise = noise
        self.hidden = layers.Dense(20, activation="relu")
        self.blocks = [ResidualBlock(20) for _ in range(repetitions)]
        self.out = layers.Dense(1)

    def call(self, inputs, training=False):
        Z = self.hidden(inputs)
        for block in self.blocks:
            Z = block(Z)
        if training:
            Z = Z + keras.random.normal(keras.ops.shape(Z), stddev=self.noise)
        return self.out(Z)
