# title = "Padroniza com as estatísticas do próprio X"
# scores = {"scale-test" = 0.5, "prediction-test" = 1.0}
#
# %% [scale]
def padronizar(X, referencia):
    return (X - X.mean(axis=0)) / X.std(axis=0)
