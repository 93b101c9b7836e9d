# title = "Oito neurônios na saída, com o rótulo repetido oito vezes"
# scores = {"architecture-test" = 0.25}
#
# %% [architecture]
model = keras.Sequential([
    keras.Input((8,)), layers.Dense(50, activation="relu"), layers.Dense(20, activation="relu"), layers.Dense(8),
])
# %% [training]
repetir = lambda y: np.repeat(y.reshape(-1, 1), 8, axis=1)
history = model.fit(
    X_train, repetir(y_train), epochs=8, batch_size=128, validation_data=(X_valid, repetir(y_valid)), verbose=0
)
# %% [predict]
def prever(X):
    return model.predict(scaler.transform(X), verbose=0).mean(axis=1)
