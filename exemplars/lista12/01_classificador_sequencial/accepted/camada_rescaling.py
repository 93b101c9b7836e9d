# title = "Camada Rescaling no modelo, imagens originais, histórico como dicionário"
#
# %% [data]
(X_train_full, y_train_full), (X_test, y_test) = keras.datasets.fashion_mnist.load_data()
X_valid, X_train = X_train_full[:6000], X_train_full[6000:]
y_valid, y_train = y_train_full[:6000], y_train_full[6000:]
# %% [architecture]
model = keras.Sequential([
    layers.Input(shape=(28, 28)),
    layers.Rescaling(1.0 / 255),
    layers.Flatten(),
    layers.Dense(100, activation="elu", kernel_initializer="he_normal"),
    layers.Dense(50, activation=keras.layers.LeakyReLU()),
    layers.Dense(10, activation="softmax"),
])
# %% [training]
history = model.fit(X_train, y_train, epochs=4, batch_size=256, validation_data=(X_valid, y_valid), verbose=0).history
# %% [predict]
def prever(X):
    return np.argmax(model.predict(X, verbose=0), axis=1)
