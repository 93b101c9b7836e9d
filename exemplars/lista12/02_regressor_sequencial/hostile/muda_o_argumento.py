# title = "prever altera o seu argumento e devolve um objeto que finge ser um array"
# scores = {"mse-test" = 0.0}
#
# %% [predict]
class Certo:
    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("sou um array, confie")

def prever(X):
    X[:] = 0
    return Certo()
