# title = "Uma só camada oculta: a segunda não tem ativação"
# scores = {"paths-test" = 0.75}
#
# %% [architecture]
input_A, input_B = keras.Input(shape=(5,)), keras.Input(shape=(6,))
hidden1 = layers.Dense(30, activation="relu")(input_B)
hidden2 = layers.Dense(30)(hidden1)
concat = layers.concatenate([input_A, hidden2])
model = keras.Model([input_A, input_B], [layers.Dense(1, name="main_output")(concat), layers.Dense(1, name="aux_output")(hidden2)])
