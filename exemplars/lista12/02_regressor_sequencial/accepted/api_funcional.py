# title = "API funcional sem ramificações, histórico em DataFrame"
#
# %% [architecture]
entrada = keras.layers.Input(shape=X_train.shape[1:])
oculta1 = keras.layers.Dense(30, activation="relu")(entrada)
oculta2 = keras.layers.Dense(30, activation="relu")(oculta1)
saida = keras.layers.Dense(1)(oculta2)
model = keras.models.Model(inputs=[entrada], outputs=[saida])
# %% [training]
import pandas as pd

history = model.fit(X_train, y_train, epochs=8, batch_size=128, validation_data=(X_valid, y_valid), verbose=0)
history = pd.DataFrame(history.history)
