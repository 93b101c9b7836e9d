# title = "Padronizou a validação com as estatísticas dela mesma"
# scores = {"training-test" = 0.875}
#
# %% [data]
housing = fetch_california_housing()
X_train, X_valid, y_train, y_valid = train_test_split(housing.data, housing.target, random_state=42)
X_valid = StandardScaler().fit_transform(X_valid)
scaler = StandardScaler()
X_train = scaler.fit_transform(X_train)
