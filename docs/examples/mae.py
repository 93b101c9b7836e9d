# %% given
from types import SimpleNamespace as Data

import numpy as np

data = Data(dataset="california_housing", inputs=lambda: np.eye(4), labels=lambda: np.arange(4.0))
# %% right
def prever(X):
    return X @ [0, 1, 2, 3]

check.mae(prever, data, at_most=0.5, title="Erro absoluto médio de 0,5 ou menos")
# %% wrong
def prever(X):
    return np.ones(len(X))

check.mae(prever, data, at_most=0.5, title="Erro absoluto médio de 0,5 ou menos")
