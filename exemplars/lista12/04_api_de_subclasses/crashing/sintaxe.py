# title = "Erro de sintaxe na classe do bloco"
# scores = {"block-test" = 0.0, "functional-test" = 0.0, "loop-test" = 0.083333, "noise-test" = 0.0}
#
# %% [block]
class ResidualBlock(keras.Model)
    def call(self, inputs):
        return inputs
