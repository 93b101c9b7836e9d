# title = "prever devolve a saída auxiliar"
# scores = {"mse-test" = 1.5}
#
# %% [predict]
def prever(X):
    X = scaler.transform(X)
    return model.predict([X[:, :5], X[:, 2:]], verbose=0)[1]
