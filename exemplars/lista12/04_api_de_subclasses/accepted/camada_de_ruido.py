# title = "GaussianNoise em vez de condição; blocos como Sequential interno e camada Add; prever devolve (n,)"
#
# %% [block]
class ResidualBlock(keras.Model):
    def __init__(self, units):
        super().__init__()
        self.rede = keras.Sequential([layers.Dense(units, activation="relu"), layers.Dense(units), layers.ReLU()])
        self.soma = layers.Add()

    def call(self, inputs):
        return self.soma([inputs, self.rede(inputs)])
# %% [regressor]
class ResidualRegressor(keras.Model):
    def __init__(self, repetitions, noise=0.0):
        super().__init__()
        self.vezes = range(repetitions)
        self.entrada = layers.Dense(20, "relu")
        self.bloco = ResidualBlock(units=20)
        self.ruido = layers.GaussianNoise(noise)
        self.saida = layers.Dense(1)

    def call(self, inputs):
        Z = self.entrada(inputs)
        for _ in self.vezes:
            Z = self.bloco(Z)
        return self.saida(self.ruido(Z))
# %% [predict]
def prever(X):
    return model(separar(scaler.transform(X))).numpy().ravel()
