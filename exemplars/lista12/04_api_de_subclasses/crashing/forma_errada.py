# title = "prever passa um único array ao modelo de duas entradas"
# scores = {"mse-test" = 0.0}
#
# %% [predict]
def prever(X):
    return model.predict(scaler.transform(X), verbose=0)
