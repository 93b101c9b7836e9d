# title = "Cada imagem escalada pelo seu menor e pelo seu maior pixel"
#
# %% [data]
def escalar(X):
    X = np.asarray(X, "float32")
    menor, maior = X.min(axis=(1, 2), keepdims=True), X.max(axis=(1, 2), keepdims=True)
    return (X - menor) / (maior - menor)

(X_train_full, y_train_full), _ = keras.datasets.fashion_mnist.load_data()
X_train, X_valid = escalar(X_train_full[5000:]), escalar(X_train_full[:5000])
y_train, y_valid = y_train_full[5000:], y_train_full[:5000]
# %% [predict]
def prever(X):
    return model.predict(escalar(X), verbose=0)
