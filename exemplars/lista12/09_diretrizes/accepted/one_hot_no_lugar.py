# title = "Rótulos one-hot no lugar dos números, entropia cruzada categórica"
#
# %% [comparison]
y_train, y_valid = keras.utils.to_categorical(y_train), keras.utils.to_categorical(y_valid)
for rede in (shallow_model, deep_model):
    rede.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
shallow_history, deep_history = (
    rede.fit(X_train, y_train, epochs=6, batch_size=100, validation_data=(X_valid, y_valid), verbose=0)
    for rede in (shallow_model, deep_model)
)
# %% [few]
X_few, y_few = X_train[-300:], y_train[-300:]
big_model = keras.Sequential([
    keras.Input((28, 28)), layers.Flatten(), layers.Dense(300, "relu"), layers.Dense(100, "relu"), layers.Dense(10, "softmax")
])
big_model.compile(loss="categorical_crossentropy", optimizer="adam")
# %% [tasks]
numeros = y_train.argmax(axis=1)
e_da_B = np.isin(numeros, (5, 6))
X_A, y_A = X_train[~e_da_B], y_train[~e_da_B].argmax(axis=1)
y_A[y_A > 6] -= 2
X_B, y_B = X_train[e_da_B][:200], (numeros[e_da_B][:200] == 6).astype("float32")
