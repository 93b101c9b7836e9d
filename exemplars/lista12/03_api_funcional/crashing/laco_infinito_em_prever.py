# title = "prever nunca devolve"
# scores = {"mse-test" = 0.0}
#
# %% [predict]
def prever(X):
    while True:
        pass
