# title = "Depois de treinar, model é criado de novo: o histórico é de outro modelo"
# scores = {"training-test" = 0.4, "mse-test" = 0.0}
#
# %% [+after training]
model = WideAndDeepModel()
model.compile(loss="mean_squared_error", optimizer="adam")
