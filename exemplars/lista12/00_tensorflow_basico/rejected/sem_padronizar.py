# title = "Sem padronizar em prever, e sem coluna de 1"
# scores = {"houses-test" = 0.0}
#
# %% [houses]
from sklearn.datasets import fetch_california_housing

casas = fetch_california_housing()
media, desvio = casas.data.mean(axis=0), casas.data.std(axis=0)
w_casas = descida(np.zeros((8, 1)), (casas.data - media) / desvio, casas.target.reshape(-1, 1), 0.1, 50)

def prever(X):
    return X @ w_casas
