# title = "A entrada curta é ignorada: a saída recebe só a parte profunda"
# scores = {"wide-test" = 0.4}
#
# %% [wide]
class WideAndDeepModel(keras.Model):
    def __init__(self, units=30, activation="relu"):
        super().__init__()
        self.hidden1 = layers.Dense(units, activation=activation)
        self.hidden2 = layers.Dense(units, activation=activation)
        self.main_output = layers.Dense(1)

    def call(self, inputs):
        return self.main_output(self.hidden2(self.hidden1(inputs[1])))
