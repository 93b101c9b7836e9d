# title = "Camada Normalization adaptada ao treinamento, atributos originais"
#
# %% [data]
housing = fetch_california_housing()
X_train_full, X_test, y_train_full, y_test = train_test_split(housing.data, housing.target, random_state=42)
X_train, X_valid, y_train, y_valid = train_test_split(X_train_full, y_train_full, random_state=42)
# %% [architecture]
normalizacao = layers.Normalization(input_shape=(8,))
normalizacao.adapt(X_train)
model = keras.Sequential([normalizacao, layers.Dense(50, activation="relu"), layers.Dense(1)])
# %% [predict]
def prever(X):
    return model.predict(X, verbose=0)[:, 0]
