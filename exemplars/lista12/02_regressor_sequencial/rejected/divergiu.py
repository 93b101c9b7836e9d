# title = "Sem escalonamento e com SGD, o custo vira nan"
# scores = {"training-test" = 0.5, "mse-test" = 0.0}
#
# %% [data]
housing = fetch_california_housing()
X_train_full, X_test, y_train_full, y_test = train_test_split(housing.data, housing.target, random_state=42)
X_train, X_valid, y_train, y_valid = train_test_split(X_train_full, y_train_full, random_state=42)
# %% [compile]
model.compile(loss="mean_squared_error", optimizer=keras.optimizers.SGD(learning_rate=0.01))
# %% [training]
history = model.fit(X_train, y_train, epochs=3, batch_size=128, validation_data=(X_valid, y_valid), verbose=0)
# %% [predict]
def prever(X):
    return model.predict(X, verbose=0)
