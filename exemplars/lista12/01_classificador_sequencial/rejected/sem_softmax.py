# title = "Sem softmax e sem from_logits; percebeu o erro e recompilou só ao treinar"
# scores = {"output-test" = 0.0}
#
# %% [architecture]
model = keras.Sequential([
    keras.Input((28, 28)),
    layers.Flatten(),
    layers.Dense(300, activation="relu"),
    layers.Dense(100, activation="relu"),
    layers.Dense(10),
])
# %% [training]
model.compile(
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer="adam", metrics=["accuracy"]
)
history = model.fit(X_train, y_train, epochs=4, batch_size=256, validation_data=(X_valid, y_valid), verbose=0)
