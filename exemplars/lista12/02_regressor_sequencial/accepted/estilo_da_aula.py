# title = "Estilo da aula: SGD e loss='mse', recarregado com compile=False"
#
# %% [architecture]
model = keras.models.Sequential([
    keras.layers.Dense(30, activation="relu", input_shape=X_train.shape[1:]),
    keras.layers.Dense(1)
])
# %% [compile]
model.compile(loss="mse", optimizer=keras.optimizers.SGD(learning_rate=0.01, clipnorm=1.0))
# %% [training]
history = model.fit(X_train, y_train, epochs=6, validation_data=(X_valid, y_valid), verbose=0)
mse_test = model.evaluate(X_test, y_test, verbose=0)
# %% [reload]
loaded_model = keras.models.load_model("modelo.h5", compile=False)
