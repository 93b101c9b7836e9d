# title = "Escalonou no treinamento e esqueceu em prever"
# scores = {"mse-test" = 0.0}
#
# %% [predict]
def prever(X):
    return model.predict(X, verbose=0)
