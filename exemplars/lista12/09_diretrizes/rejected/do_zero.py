# title = "model_B treinado do zero, sem reaproveitar nada"
# scores = {"model-b-test" = 0.375}
#
# %% [model-b]
model_B = keras.Sequential([
    keras.Input((28, 28)), layers.Flatten(), layers.Dense(100, activation="relu"), layers.Dense(50, activation="relu"),
    layers.Dense(1, activation="sigmoid"),
])
model_B.compile(loss="binary_crossentropy", optimizer="adam")
model_B.fit(X_B, y_B, epochs=20, verbose=0)
