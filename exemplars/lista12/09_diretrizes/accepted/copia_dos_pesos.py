# title = "Camadas novas, com os pesos copiados um a um, e uma oculta a mais"
#
# %% [model-b]
model_B = keras.Sequential([
    keras.Input((28, 28)),
    layers.Flatten(),
    layers.Dense(100, activation="relu", trainable=False),
    layers.Dense(50, activation="relu", trainable=False),
    layers.Dense(20, activation="relu"),
    layers.Dense(1, activation="sigmoid"),
])
ocultas = [c for c in model_A.layers if c.weights][:-1]
for nova, velha in zip([c for c in model_B.layers if c.weights], ocultas):
    nova.set_weights(velha.get_weights())
model_B.compile(loss="binary_crossentropy", optimizer="adam")
model_B.fit(X_B, y_B.astype(int), epochs=40, verbose=0)
