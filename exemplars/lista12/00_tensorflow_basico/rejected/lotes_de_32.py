# title = "batch_size padrão: dois passos por época"
# scores = {"keras-test" = 0.25}
#
# %% [keras-sgd]
linear = keras.Sequential([keras.Input(shape=(3,)), keras.layers.Dense(1, kernel_initializer="zeros")])
linear.compile(loss="mse", optimizer=keras.optimizers.SGD(learning_rate=0.05))
linear.fit(X_dados, y_dados, epochs=10, verbose=0)
