# title = "Ativações como camadas próprias, BatchNormalization e Dropout"
#
# %% [architecture]
model = keras.Sequential([
    keras.Input((8,)),
    layers.Dense(64),
    layers.BatchNormalization(),
    layers.Activation("relu"),
    layers.Dropout(0.05),
    layers.Dense(32),
    layers.ReLU(),
    layers.Dense(1),
    layers.Activation("linear"),
])
