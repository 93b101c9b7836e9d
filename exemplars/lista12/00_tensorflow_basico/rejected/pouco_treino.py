# title = "Poucos passos nas casas"
# scores = {"houses-test" = 0.25}
#
# %% [houses]
from sklearn.datasets import fetch_california_housing

casas = fetch_california_housing()
media, desvio = casas.data.mean(axis=0), casas.data.std(axis=0)

def com_bias(X):
    return np.hstack([(X - media) / desvio, np.ones((len(X), 1))])

w_casas = descida(np.zeros((9, 1)), com_bias(casas.data), casas.target.reshape(-1, 1), 0.01, 70)

def prever(X):
    return com_bias(X) @ w_casas
