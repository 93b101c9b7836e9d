# title = "Uma classe base do próprio aluno, da qual as outras herdam, e build explícito"
#
# %% [wide]
class Base(keras.Model):
    def densas(self, n, units, activation):
        return [layers.Dense(units, activation) for _ in range(n)]

    @staticmethod
    def aplica(camadas, Z):
        for camada in camadas:
            Z = camada(Z)
        return Z


class WideAndDeepModel(Base):
    def __init__(self, units=30, activation="relu"):
        super().__init__()
        self.ocultas = self.densas(2, units, activation)
        self.juncao = layers.Concatenate()
        self.saida = layers.Dense(1)

    def call(self, inputs):
        return self.saida(self.juncao([inputs[0], self.aplica(self.ocultas, inputs[1])]))
# %% [block]
class ResidualBlock(Base):
    def __init__(self, units):
        super().__init__()
        self.ocultas = self.densas(2, units, "relu")

    def call(self, inputs):
        return keras.ops.add(inputs, self.aplica(self.ocultas, inputs))
