# title = "Standardises by the statistics of X itself"
# scores = {"scale-test" = 0.5, "prediction-test" = 1.0}
#
# %% [scale]
def standardise(X, reference):
    return (X - X.mean(axis=0)) / X.std(axis=0)
