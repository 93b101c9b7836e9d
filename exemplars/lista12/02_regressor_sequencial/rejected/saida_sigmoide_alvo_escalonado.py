# title = "Sigmoide na saída com o rótulo dividido por 5: só a ativação está errada"
# scores = {"output-test" = 0.0}
#
# %% [architecture]
model = keras.Sequential([
    keras.Input((8,)), layers.Dense(50, activation="relu"), layers.Dense(20, activation="relu"),
    layers.Dense(1), layers.Activation("sigmoid"),
])
# %% [training]
history = model.fit(
    X_train, y_train / 5.01, epochs=8, batch_size=128, validation_data=(X_valid, y_valid / 5.01), verbose=0
)
# %% [predict]
def prever(X):
    return 5.01 * model.predict(scaler.transform(X), verbose=0)
