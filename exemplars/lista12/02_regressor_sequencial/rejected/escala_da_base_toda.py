# title = "Padronizou a base toda antes de dividir"
# scores = {"training-test" = 0.875}
#
# %% [data]
housing = fetch_california_housing()
scaler = StandardScaler()
X_train, X_valid, y_train, y_valid = train_test_split(scaler.fit_transform(housing.data), housing.target)
