# title = "Salvou em .keras onde se pede .h5"
# scores = {"saving-test" = 0.0}
#
# %% [saving]
model.save("modelo.keras")
# %% [reload]
loaded_model = keras.models.load_model("modelo.keras")
