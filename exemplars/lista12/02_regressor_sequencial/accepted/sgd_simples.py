# title = "SGD simples, sem limite no gradiente: com esta semente converge"
#
# %% [compile]
model.compile(loss="mean_squared_error", optimizer="sgd")
