# title = "SGD com a taxa padrão"
# scores = {"keras-test" = 0.25}
#
# %% [keras-sgd]
linear = keras.Sequential([keras.Input(shape=(3,)), keras.layers.Dense(1, kernel_initializer="zeros")])
linear.compile(loss="mse", optimizer="sgd")
linear.fit(X_dados, y_dados, batch_size=64, epochs=10, verbose=0)
