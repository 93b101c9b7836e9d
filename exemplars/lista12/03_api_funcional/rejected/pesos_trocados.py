# title = "Pesos na ordem errada"
# scores = {"compile-test" = 0.25}
#
# %% [compile]
model.compile(loss=["mse", "mse"], loss_weights=[0.1, 0.9], optimizer=keras.optimizers.Adam(0.005))
