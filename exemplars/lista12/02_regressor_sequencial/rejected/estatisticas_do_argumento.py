# title = "prever padroniza com as estatísticas do próprio X"
# scores = {"mse-test" = 0.0}
#
# %% [predict]
def prever(X):
    return model.predict(StandardScaler().fit_transform(X), verbose=0)
