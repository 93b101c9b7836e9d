# %% given
from types import SimpleNamespace as Data

import numpy as np

data = Data(dataset="fashion_mnist", inputs=lambda: np.eye(4), labels=lambda: np.arange(4))
# %% right
def prever(X):
    return X

check.accuracy(prever, data, at_least=0.85, title="Acurácia de 85% ou mais")
# %% wrong
def prever(X):
    return 0.0 * X

check.accuracy(prever, data, at_least=0.85, title="Acurácia de 85% ou mais")
