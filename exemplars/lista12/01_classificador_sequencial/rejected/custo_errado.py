# title = "Erro quadrático médio como função de custo"
# scores = {"compile-test" = 0.0}
#
# %% [data]
(X_train_full, y_train_full), (X_test, y_test) = keras.datasets.fashion_mnist.load_data()
X_valid, X_train = X_train_full[:5000] / 255.0, X_train_full[5000:] / 255.0
y_train_full = keras.utils.to_categorical(y_train_full)
y_valid, y_train = y_train_full[:5000], y_train_full[5000:]
# %% [compile]
model.compile(loss="mean_squared_error", optimizer="adam", metrics=["accuracy"])
