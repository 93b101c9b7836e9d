# title = "Falta super().__init__(): nenhum objeto pode ser criado"
# scores = {"wide-test" = 0.4, "training-test" = 0.1, "mse-test" = 0.0}
#
# %% [wide]
class WideAndDeepModel(keras.Model):
    def __init__(self, units=30, activation="relu"):
        self.hidden1 = layers.Dense(units, activation=activation)
        self.hidden2 = layers.Dense(units, activation=activation)
        self.main_output = layers.Dense(1)

    def call(self, inputs):
        wide, deep = inputs
        return self.main_output(layers.concatenate([wide, self.hidden2(self.hidden1(deep))]))
