# title = "Rede com Dropout, Adam, lotes de 64, parada antecipada com os melhores pesos"
#
# %% [run-1]
def rede(taxa):
    m = keras.Sequential([
        layers.Flatten(input_shape=(28, 28)), layers.Dense(64), layers.ReLU(), layers.Dropout(0.2),
        layers.Dense(10, activation="softmax")])
    m.compile("adam", "sparse_categorical_crossentropy", metrics=["sparse_categorical_accuracy"])
    m.optimizer.learning_rate = taxa
    return m

def treina(m, nome):
    return m.fit(X_train, y_train, batch_size=64, epochs=8, verbose=0, validation_data=(X_valid, y_valid),
                 callbacks=[keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True),
                            keras.callbacks.TensorBoard(log_dir="./my_logs/" + nome, histogram_freq=1)])

model_1 = rede(2e-4)
history_1 = treina(model_1, "adam/2e-4")
# %% [run-2]
model_2 = rede(2e-3)
history_2 = treina(model_2, "adam/2e-3")
# %% [conclusions]
resumo = []
for m, h in ((model_1, history_1), (model_2, history_2)):
    epoca = int(np.argmin(h.history["val_loss"]))
    resumo.append((h.history["val_loss"][epoca], epoca, m.optimizer.learning_rate.numpy(),
                   h.history["sparse_categorical_accuracy"][-1] - h.history["val_sparse_categorical_accuracy"][-1]))
custo, epoca, taxa, diferenca = sorted(resumo)[0]
conclusoes = dict(learning_rate=taxa, val_loss=np.float32(custo), step=epoca, gap=round(diferenca, 4))
