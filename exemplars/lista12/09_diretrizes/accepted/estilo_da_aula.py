# title = "Estilo da aula: SGD, nomes do Géron, clone com set_weights"
#
# %% [shallow]
from tensorflow import keras

shallow_model = keras.models.Sequential([
    keras.layers.Flatten(input_shape=[28, 28]),
    keras.layers.Dense(120, activation="relu"),
    keras.layers.Dense(10, activation="softmax")
])
# %% [deep]
deep_model = keras.models.Sequential([
    keras.layers.Flatten(input_shape=[28, 28]),
    keras.layers.Dense(112, activation="relu"),
    keras.layers.Dense(60, activation="relu"),
    keras.layers.Dense(30, activation="relu"),
    keras.layers.Dense(10, activation="softmax")
])
deep_model.summary()
# %% [comparison]
shallow_model.compile(loss="sparse_categorical_crossentropy",
                      optimizer=keras.optimizers.SGD(learning_rate=0.1),
                      metrics=["accuracy"])
deep_model.compile(loss="sparse_categorical_crossentropy",
                   optimizer=keras.optimizers.SGD(learning_rate=0.1),
                   metrics=["accuracy"])
shallow_history = shallow_model.fit(X_train, y_train, epochs=5, batch_size=100,
                                    validation_data=(X_valid, y_valid))
deep_history = deep_model.fit(X_train, y_train, epochs=5, batch_size=100,
                              validation_data=(X_valid, y_valid))
# %% [few]
X_few = X_train[:300]
y_few = y_train[:300]
big_model = keras.models.Sequential()
big_model.add(keras.layers.Flatten(input_shape=[28, 28]))
big_model.add(keras.layers.Dense(300, activation="relu"))
big_model.add(keras.layers.Dense(100, activation="relu"))
big_model.add(keras.layers.Dense(10, activation="softmax"))
big_model.compile(loss="sparse_categorical_crossentropy",
                  optimizer=keras.optimizers.SGD(learning_rate=0.1),
                  metrics=["accuracy"])
# %% [early]
early_stopping = keras.callbacks.EarlyStopping(patience=10, restore_best_weights=True)
big_history = big_model.fit(X_few, y_few, epochs=200, validation_batch_size=500,
                            validation_data=(X_valid, y_valid),
                            callbacks=[early_stopping])
# %% [tasks]
def split_dataset(X, y):
    y_5_or_6 = (y == 5) | (y == 6)
    y_A = y[~y_5_or_6]
    y_A[y_A > 6] -= 2
    y_B = (y[y_5_or_6] == 6).astype(np.float32)
    return ((X[~y_5_or_6], y_A), (X[y_5_or_6], y_B))

(X_A, y_A), (X_B, y_B) = split_dataset(X_train, y_train)
X_B = X_B[:200]
y_B = y_B[:200]
# %% [model-a]
model_A = keras.models.Sequential()
model_A.add(keras.layers.Flatten(input_shape=[28, 28]))
for n_hidden in (150, 100, 50):
    model_A.add(keras.layers.Dense(n_hidden, activation="relu"))
model_A.add(keras.layers.Dense(8, activation="softmax"))
model_A.compile(loss="sparse_categorical_crossentropy",
                optimizer=keras.optimizers.SGD(learning_rate=0.05),
                metrics=["accuracy"])
history = model_A.fit(X_A, y_A, epochs=5, batch_size=50)
# %% [model-b]
model_A_clone = keras.models.clone_model(model_A)
model_A_clone.set_weights(model_A.get_weights())
model_B = keras.models.Sequential(model_A_clone.layers[:-1])
model_B.add(keras.layers.Dense(1, activation="sigmoid"))
for layer in model_B.layers[:-1]:
    layer.trainable = False
model_B.compile(loss="binary_crossentropy",
                optimizer=keras.optimizers.SGD(learning_rate=0.01),
                metrics=["accuracy"])
history = model_B.fit(X_B, y_B, epochs=20)
