# title = "Tarefa A sem renumerar os rótulos, com dez saídas"
# scores = {"tasks-test" = 0.33333333333333331, "model-a-test" = 0.25, "accuracy-test" = 0.5}
#
# %% [tasks]
tarefa_B = (y_train == 5) | (y_train == 6)
X_A, y_A = X_train[~tarefa_B], y_train[~tarefa_B]
X_B, y_B = X_train[tarefa_B][:200], y_train[tarefa_B][:200] == 6
# %% [model-a]
model_A = keras.Sequential([
    keras.Input((28, 28)), layers.Flatten(), layers.Dense(100, activation="relu"), layers.Dense(50, activation="relu"),
    layers.Dense(10, activation="softmax"),
])
model_A.compile(loss="sparse_categorical_crossentropy", optimizer="adam")
model_A.fit(X_A, y_A, epochs=5, batch_size=100, verbose=0)
