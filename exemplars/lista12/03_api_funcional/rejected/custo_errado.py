# title = "Erro absoluto médio na saída principal"
# scores = {"compile-test" = 0.0}
#
# %% [compile]
model.compile(loss=["mae", "mse"], loss_weights=[0.9, 0.1], optimizer="adam")
