# title = "Pesos iniciais sorteados, e Adam"
# scores = {"keras-test" = 0.125}
#
# %% [keras-sgd]
linear = keras.Sequential([keras.Input(shape=(3,)), keras.layers.Dense(1)])
linear.compile(loss="mse", optimizer=keras.optimizers.Adam(learning_rate=0.05))
linear.fit(X_dados, y_dados, batch_size=64, epochs=10, verbose=0)
