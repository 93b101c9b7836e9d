# title = "units e activation são recebidos e não usados"
# scores = {"wide-test" = 1.2}
#
# %% [wide]
class WideAndDeepModel(keras.Model):
    def __init__(self, units=30, activation="relu"):
        super().__init__()
        self.hidden1 = layers.Dense(30, activation="relu")
        self.hidden2 = layers.Dense(30, activation="relu")
        self.main_output = layers.Dense(1)

    def call(self, inputs):
        wide, deep = inputs
        return self.main_output(layers.concatenate([wide, self.hidden2(self.hidden1(deep))]))
