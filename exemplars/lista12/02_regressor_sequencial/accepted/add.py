# title = "Sequential com add() e várias camadas"
#
# %% [architecture]
model = keras.Sequential()
model.add(keras.Input(shape=(8,)))
for neuronios in (64, 32, 16):
    model.add(layers.Dense(neuronios, activation="selu", kernel_initializer="lecun_normal"))
model.add(layers.Dense(1, activation="linear"))
