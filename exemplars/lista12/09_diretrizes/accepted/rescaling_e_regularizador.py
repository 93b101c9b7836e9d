# title = "Camadas de normalização e Dropout onde são permitidas; L2 na rede profunda"
#
# %% [shallow]
shallow_model = keras.Sequential([
    keras.Input((28, 28)), layers.Rescaling(2.0, offset=-1.0), layers.Flatten(),
    layers.Dense(107, activation="relu"), layers.Dropout(0.1), layers.Dense(10, activation="softmax"),
])
# %% [model-a]
model_A = keras.Sequential([
    keras.Input((28, 28)), layers.Flatten(),
    layers.Dense(100, activation="relu", kernel_initializer="he_normal"), layers.BatchNormalization(),
    layers.Dense(50, activation="relu", kernel_regularizer="l2"), layers.BatchNormalization(),
    layers.Dense(8, activation="softmax"),
])
model_A.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
model_A.fit(X_A, y_A, epochs=5, batch_size=64, validation_split=0.1, verbose=0)
