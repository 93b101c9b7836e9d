# title = "prever devolve as entradas em outra forma"
# scores = {"accuracy-test" = 0.0}
#
# %% [predict]
def prever(X):
    return model.predict(X / 255.0, verbose=0).max(axis=1)
