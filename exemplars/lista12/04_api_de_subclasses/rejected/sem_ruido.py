# title = "Sem ruído: training não é usado"
# scores = {"noise-test" = 0.4}
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
        return self.out(Z)
