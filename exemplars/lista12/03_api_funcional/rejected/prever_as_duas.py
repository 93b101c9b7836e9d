# title = "prever devolve as duas saídas"
# scores = {"mse-test" = 0.0}
#
# %% [predict]
def prever(X):
    X = scaler.transform(X)
    return model.predict([X[:, :5], X[:, 2:]], verbose=0)
