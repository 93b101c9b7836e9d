# title = "Atributos sem escalonamento"
# scores = {"mse-test" = 0.0}
#
# %% [data]
housing = fetch_california_housing()
X_train_full, X_test, y_train_full, y_test = train_test_split(housing.data, housing.target, random_state=42)
X_train, X_valid, y_train, y_valid = train_test_split(X_train_full, y_train_full, random_state=42)
# %% [compile]
model.compile(loss="mean_squared_error", optimizer=keras.optimizers.Adam(learning_rate=1e-5))
# %% [training]
history = model.fit(X_train, y_train, epochs=4, batch_size=128, validation_data=(X_valid, y_valid), verbose=0)
# %% [predict]
def prever(X):
    return model.predict(X, verbose=0)
