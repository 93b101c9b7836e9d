# title = "Modelo criado fora do escopo"
# scores = {"strategy-test" = 0.25}
#
# %% [strategy]
estrategia = tf.distribute.MirroredStrategy(["/CPU:0", "/CPU:1"])
distribuido = keras.Sequential([keras.Input(shape=(8,)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(1)])
