# title = "A rede que deveria ser grande tem poucos parâmetros"
# scores = {"few-test" = 0.4}
#
# %% [few]
X_few, y_few = X_train[:300], y_train[:300]
big_model = keras.Sequential([
    keras.Input((28, 28)), layers.Flatten(), layers.Dense(100, activation="relu"), layers.Dense(50, activation="relu"),
    layers.Dense(10, activation="softmax"),
])
big_model.compile(loss="sparse_categorical_crossentropy", optimizer="adam")
