# title = "Regressão linear: sem camada oculta"
# scores = {"model-test" = 1.0, "prediction-test" = 2.0}
#
# %% [model]
model = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
model.compile(loss="mean_squared_error", optimizer=keras.optimizers.Adam(learning_rate=0.01))
