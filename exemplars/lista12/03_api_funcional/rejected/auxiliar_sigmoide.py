# title = "Sigmoide na saída auxiliar"
# scores = {"ports-test" = 0.6666666666666666}
#
# %% [architecture]
input_A, input_B = keras.Input(shape=(5,)), keras.Input(shape=(6,))
hidden1 = layers.Dense(30, activation="relu")(input_B)
hidden2 = layers.Dense(30, activation="relu")(hidden1)
concat = layers.concatenate([input_A, hidden2])
model = keras.Model([input_A, input_B], [layers.Dense(1, name="main_output")(concat), layers.Dense(1, activation="sigmoid", name="aux_output")(hidden2)])
