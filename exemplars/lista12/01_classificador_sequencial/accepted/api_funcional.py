# title = "API funcional sem ramificações, com a divisão por 255 dentro do modelo"
#
# %% [data]
(X_train, y_train), (X_test, y_test) = keras.datasets.fashion_mnist.load_data()
X_train, X_valid = X_train[:-5000], X_train[-5000:]
y_train, y_valid = y_train[:-5000], y_train[-5000:]
# %% [architecture]
entrada = keras.Input(shape=(28, 28))
z = entrada / 255.0
z = layers.Flatten()(z)
z = layers.Dense(150, activation="relu")(z)
z = layers.Dropout(0.1)(z)
z = layers.Dense(60, activation="relu")(z)
saida = layers.Dense(10, activation="softmax")(z)
model = keras.Model(inputs=entrada, outputs=saida)
# %% [reload]
loaded_model = keras.models.clone_model(model)
loaded_model.load_weights("modelo.h5")
# %% [predict]
def prever(X):
    return model.predict(X)
