# title = "prever não escalona os atributos"
# scores = {"mse-test" = 0.0}
#
# %% [predict]
def prever(X):
    return model.predict(separar(X), verbose=0)
