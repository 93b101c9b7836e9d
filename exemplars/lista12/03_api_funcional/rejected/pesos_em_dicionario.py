# title = "Custos em lista e pesos em dicionário: o Keras os troca sem avisar"
# scores = {"compile-test" = 0.25}
#
# %% [compile]
model.compile(loss=["mse", "mse"], loss_weights={"main_output": 0.9, "aux_output": 0.1}, optimizer="adam")
