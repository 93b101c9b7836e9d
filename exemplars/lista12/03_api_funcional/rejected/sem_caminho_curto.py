# title = "Esqueceu de concatenar a entrada do caminho curto"
# scores = {"paths-test" = 0.75, "mse-test" = 1.5}
#
# %% [architecture]
input_A, input_B = keras.Input(shape=(5,)), keras.Input(shape=(6,))
hidden1 = layers.Dense(30, activation="relu")(input_B)
hidden2 = layers.Dense(30, activation="relu")(hidden1)
model = keras.Model([input_A, input_B], [layers.Dense(1, name="main_output")(hidden2), layers.Dense(1, name="aux_output")(hidden2)])
