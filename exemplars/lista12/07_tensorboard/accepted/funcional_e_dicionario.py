# title = "API funcional, history como dicionário, one-hot, pathlib, update_freq por lote"
#
# %% [run-1]
from pathlib import Path

logs = Path("my_logs")
Y_train, Y_valid = keras.utils.to_categorical(y_train), keras.utils.to_categorical(y_valid)

def cria(taxa):
    entrada = keras.Input((28, 28))
    h = layers.Flatten()(entrada)
    h = layers.Dense(50, activation="tanh")(h)
    saida = layers.Dense(10, activation="softmax")(h)
    m = keras.Model(entrada, saida)
    m.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.RMSprop(taxa), metrics=["acc"])
    return m

model_1 = cria(1e-4)
history_1 = model_1.fit(X_train, Y_train, epochs=5, batch_size=32, validation_data=(X_valid, Y_valid),
                        callbacks=keras.callbacks.TensorBoard(logs / "lenta", histogram_freq=1, update_freq="batch")).history
# %% [run-2]
model_2 = cria(1e-3)
history_2 = model_2.fit(X_train, Y_train, epochs=5, batch_size=32, validation_data=(X_valid, Y_valid),
                        callbacks=keras.callbacks.TensorBoard(logs / "rapida", histogram_freq=1)).history
# %% [images]
escritor = tf.summary.create_file_writer(str(logs / "fotos"))
with escritor.as_default(step=5):
    tf.summary.image("amostras", tf.image.grayscale_to_rgb(tf.constant(X_train_full[:12, ..., None])), max_outputs=12)
escritor.close()
# %% [conclusions]
melhor = 1 if min(history_1["val_loss"]) < min(history_2["val_loss"]) else 2
taxas = {1: 1e-4, 2: 1e-3}
h = {1: history_1, 2: history_2}[melhor]
conclusoes = {"learning_rate": taxas[melhor], "val_loss": min(h["val_loss"]),
              "step": h["val_loss"].index(min(h["val_loss"])), "gap": h["acc"][-1] - h["val_acc"][-1],
              "comentário": "a taxa baixa ainda não convergiu"}
