# title = "Partes da rede como modelos aninhados; a camada compartilhada dentro de um Sequential"
#
# %% [architecture]
corpo = keras.Sequential([keras.Input((6,)), layers.Dense(30, activation="relu"), layers.Dense(30, activation="relu")], name="corpo")
partes = [keras.Input((5,)), keras.Input((30,))]
cabeca = keras.Model(partes, layers.Dense(1)(layers.concatenate(partes)), name="main_output")
curta, profunda = keras.Input((5,)), keras.Input((6,))
oculta = corpo(profunda)
model = keras.Model([curta, profunda], [cabeca([curta, oculta]), layers.Dense(1, name="aux_output")(oculta)])
# %% [shared]
encoder = keras.Sequential([layers.Dense(30, activation=keras.activations.relu)])
bairro_1, bairro_2 = keras.Input((8,)), keras.Input((8,))
diferenca = layers.Dense(units=1, activation=None)(layers.concatenate([encoder(bairro_1), encoder(bairro_2)]))
shared_model = keras.Model([bairro_1, bairro_2], diferenca)
