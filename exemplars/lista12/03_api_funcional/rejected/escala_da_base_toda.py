# title = "Padronizou a base toda antes de dividir"
# scores = {"data-test" = 0.6666666666666666}
#
# %% [data]
housing = fetch_california_housing()
scaler = StandardScaler()
X = scaler.fit_transform(housing.data)
X_train, X_valid, y_train, y_valid = train_test_split(X, housing.target)
X_train_A, X_train_B = X_train[:, :5], X_train[:, 2:]
X_valid_A, X_valid_B = X_valid[:, :5], X_valid[:, 2:]
