# title = "Custo somente para a saída principal: a lista tem um elemento"
# scores = {"compile-test" = 0.25, "training-test" = 0.75}
#
# %% [compile]
model.compile(loss=["mse"], optimizer="adam")
