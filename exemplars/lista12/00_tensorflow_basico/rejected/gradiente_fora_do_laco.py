# title = "O gradiente calculado uma vez só, fora do laço"
# scores = {"descent-test" = 0.25}
#
# %% [descent]
def descida(w, X, y, taxa, passos):
    g = gradiente_formula(w, X, y)
    for _ in range(passos):
        w = w - taxa * g
    return w
# %% [houses]
from sklearn.datasets import fetch_california_housing

casas = fetch_california_housing()
media, desvio = casas.data.mean(axis=0), casas.data.std(axis=0)
X_casas = np.hstack([(casas.data - media) / desvio, np.ones((len(casas.data), 1))])
w_casas = np.zeros((9, 1))
for _ in range(50):
    w_casas = descida(w_casas, X_casas, casas.target.reshape(-1, 1), 0.1, 1)

def prever(X):
    return np.hstack([(X - media) / desvio, np.ones((len(X), 1))]) @ w_casas
