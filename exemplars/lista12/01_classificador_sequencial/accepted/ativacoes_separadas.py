# title = "Ativações como camadas próprias, Reshape no lugar de Flatten, BatchNormalization"
#
# %% [architecture]
model = keras.Sequential([
    keras.Input((28, 28)),
    layers.Reshape((784,)),
    layers.Dense(128),
    layers.BatchNormalization(),
    layers.ReLU(),
    layers.Dense(64),
    layers.Activation("relu"),
    layers.Dense(10),
    layers.Softmax(),
])
