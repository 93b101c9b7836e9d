# title = "Condição com keras.ops.where, laço com lista do mesmo bloco e @keras.saving.register_keras_serializable"
#
# %% [regressor]
@keras.saving.register_keras_serializable()
class ResidualRegressor(keras.Model):
    def __init__(self, repetitions, noise=0.0, **kwargs):
        super().__init__(**kwargs)
        self.noise = noise
        self.hidden = layers.Dense(20, activation="relu")
        self.bloco = ResidualBlock(20)
        self.camadas = [self.bloco] * repetitions
        self.out = layers.Dense(1)

    def call(self, inputs, training=None):
        Z = self.hidden(inputs)
        for camada in self.camadas:
            Z = camada(Z)
        sorteio = keras.random.normal(keras.ops.shape(Z), mean=0.0, stddev=1.0)
        return self.out(keras.ops.where(bool(training), Z + self.noise * sorteio, Z))
