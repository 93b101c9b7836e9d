# title = "As camadas ocultas recebem wide, e a concatenação, deep"
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
        wide, deep = inputs
        return self.main_output(layers.concatenate([deep, self.hidden2(self.hidden1(wide))]))
