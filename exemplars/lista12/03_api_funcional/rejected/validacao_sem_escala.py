# title = "Esqueceu de escalonar a validação"
# scores = {"data-test" = 0.6666666666666666}
#
# %% [data]
housing = fetch_california_housing()
X_train, X_valid, y_train, y_valid = train_test_split(housing.data, housing.target)
scaler = StandardScaler()
X_train = scaler.fit_transform(X_train)
X_train_A, X_train_B = X_train[:, :5], X_train[:, 2:]
X_valid_A, X_valid_B = X_valid[:, :5], X_valid[:, 2:]
# %% [training]
history = model.fit([X_train_A, X_train_B], [y_train, y_train], epochs=6, verbose=0,
                    validation_data=([scaler.transform(X_valid)[:, :5], scaler.transform(X_valid)[:, 2:]], [y_valid, y_valid]))
