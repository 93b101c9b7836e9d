# title = "Dados e previsões que fingem ser os certos"
# scores = {"data-test" = 0.0, "mse-test" = 0.0}
#
# %% [+after data]
class Certo:
    shape = (15480, 5)
    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("sou um array, confie")
    def __eq__(self, other):
        return True

guardados = X_train_A, X_train_B, X_valid_A, X_valid_B
X_train_A = X_train_B = X_valid_A = X_valid_B = Certo()
# %% [+after compile]
X_train_A, X_train_B, X_valid_A, X_valid_B = guardados
# %% [predict]
def prever(X):
    X[:] = 0
    return Certo()
