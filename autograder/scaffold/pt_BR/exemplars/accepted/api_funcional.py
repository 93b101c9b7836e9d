# title = "API funcional e médias calculadas à parte"
#
# %% [scale]
def padronizar(X, referencia):
    mean, deviation = np.mean(referencia, 0), np.std(referencia, 0, ddof=1)
    return np.array([(x - mean) / deviation for x in X])
# %% [model]
inputs = keras.Input((2,))
hidden = layers.Dense(64, activation="tanh")(inputs)
model = keras.Model(inputs, layers.Dense(1)(layers.Dense(32, activation="tanh")(hidden)))
model.compile(loss="mean_squared_error", optimizer=keras.optimizers.Adam(learning_rate=0.01))
