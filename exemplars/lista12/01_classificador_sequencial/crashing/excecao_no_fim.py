# title = "prever levanta uma exceção; o resto conta"
# scores = {"accuracy-test" = 0.0}
#
# %% [predict]
def prever(X):
    return modelo.predict(X)
