# title = "prever reserva memória sem fim"
# scores = {"accuracy-test" = 0.0}
#
# %% [predict]
def prever(X):
    blocos = []
    while True:
        blocos.append(np.ones((64, 1024, 1024)))
