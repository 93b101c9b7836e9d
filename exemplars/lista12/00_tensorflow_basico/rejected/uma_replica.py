# title = "Estratégia de um só dispositivo"
# scores = {"strategy-test" = 0.125}
#
# %% [strategy]
estrategia = tf.distribute.OneDeviceStrategy("/CPU:0")
with estrategia.scope():
    distribuido = keras.Sequential([keras.Input(shape=(8,)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(1)])
