# title = "Como no artigo do wide & deep: a saída soma um modelo linear e um profundo; alvo escalonado"
#
# %% [architecture]
a, b = keras.Input((5,)), keras.Input((6,))
h = layers.Dense(30, activation="swish")(b)
h = layers.Dense(30, activation="swish")(h)
principal = layers.Add(name="main_output")([layers.Dense(1)(a), layers.Dense(1)(h)])
auxiliar = layers.Dense(1, name="aux_output")(h)
model = keras.Model(inputs=(a, b), outputs=(principal, auxiliar))
# %% [training]
media, desvio = y_train.mean(), y_train.std()
alvo, alvo_valid = (y_train - media) / desvio, (y_valid - media) / desvio
y_train, y_valid = alvo, alvo_valid
history = model.fit([X_train_A, X_train_B], [alvo, alvo], epochs=6, verbose=0,
                    validation_data=([X_valid_A, X_valid_B], [alvo_valid, alvo_valid]))
# %% [predict]
def prever(X):
    X = (X - scaler.mean_) / scaler.scale_
    return media + desvio * model.predict([X[:, :5], X[:, 2:]], verbose=0)[0]
