# title = "A armadilha: loss='mse' com loss_weights, e fit levanta uma exceção"
# scores = {"compile-test" = 1.0, "training-test" = 0.0, "mse-test" = 0.5}
#
# %% [compile]
model.compile(loss="mse", loss_weights=[0.9, 0.1], optimizer="adam")
