# title = "Escalonou no treinamento e esqueceu em prever"
# scores = {"mse-test" = 0.5}
#
# %% [predict]
def prever(X):
    return model.predict([X[:, :5], X[:, 2:]], verbose=0)[0]
