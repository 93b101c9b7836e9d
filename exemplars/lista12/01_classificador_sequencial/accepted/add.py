# title = "Sequential com add() e input_shape na primeira camada"
#
# %% [architecture]
model = keras.models.Sequential()
model.add(keras.layers.Flatten(input_shape=[28, 28]))
model.add(keras.layers.Dense(200, activation="relu"))
model.add(keras.layers.Dense(80, activation="tanh"))
model.add(keras.layers.Dense(10, activation="softmax"))
# %% [saving]
model.save("modelo.h5", include_optimizer=False)
# %% [reload]
loaded_model = keras.models.load_model("modelo.h5")
loaded_model.summary()
