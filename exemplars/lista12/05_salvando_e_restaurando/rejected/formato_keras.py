# title = "Salvou em .keras no lugar de .h5"
# scores = {"save-test" = 0.6, "optimizer-test" = 0.0}
#
# %% [save]
model.save("modelo.keras")
# %% [reload]
loaded_model = keras.models.load_model("modelo.keras")
