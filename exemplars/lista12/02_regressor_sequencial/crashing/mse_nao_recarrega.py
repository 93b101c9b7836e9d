# title = "A armadilha: loss='mse' e load_model sem compile=False levanta uma exceção"
# scores = {"reload-test" = 0.0}
#
# %% [compile]
model.compile(loss="mse", optimizer=keras.optimizers.Adam(learning_rate=0.005))
# %% [reload]
loaded_model = keras.models.load_model("modelo.h5")
