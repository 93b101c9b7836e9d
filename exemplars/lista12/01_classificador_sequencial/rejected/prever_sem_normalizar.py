# title = "prever devolve sempre a mesma classe"
# scores = {"accuracy-test" = 0.0}
#
# %% [predict]
def prever(X):
    return np.zeros(len(X), dtype=int)
