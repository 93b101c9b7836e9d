# title = "Pulou um atributo no caminho curto"
# scores = {"data-test" = 0.6666666666666666}
#
# %% [data]
housing = fetch_california_housing()
X_train, X_valid, y_train, y_valid = train_test_split(housing.data, housing.target)
scaler = StandardScaler()
X_train = scaler.fit_transform(X_train)
X_valid = scaler.transform(X_valid)
curto = [0, 1, 2, 3, 5]
X_train_A, X_train_B = X_train[:, curto], X_train[:, 2:]
X_valid_A, X_valid_B = X_valid[:, curto], X_valid[:, 2:]
# %% [predict]
def prever(X):
    X = scaler.transform(X)
    return model.predict([X[:, curto], X[:, 2:]], verbose=0)[0]
