# title = "Estilo da aula: SGD, lotes pequenos, nomes do Géron"
#
# %% [data]
from tensorflow import keras
import pandas as pd

fashion_mnist = keras.datasets.fashion_mnist
(X_train_full, y_train_full), (X_test, y_test) = fashion_mnist.load_data()
X_valid, X_train = X_train_full[:5000] / 255., X_train_full[5000:] / 255.
y_valid, y_train = y_train_full[:5000], y_train_full[5000:]
X_test = X_test / 255.
# %% [architecture]
model = keras.models.Sequential([
    keras.layers.Flatten(input_shape=[28, 28]),
    keras.layers.Dense(300, activation="relu"),
    keras.layers.Dense(100, activation="relu"),
    keras.layers.Dense(10, activation="softmax")
])
# %% [compile]
model.compile(loss="sparse_categorical_crossentropy",
              optimizer=keras.optimizers.SGD(learning_rate=0.05),
              metrics=["accuracy"])
# %% [training]
history = model.fit(X_train, y_train, epochs=4, batch_size=64,
                    validation_data=(X_valid, y_valid))
pd.DataFrame(history.history)
# %% [reload]
loaded_model = keras.models.load_model("modelo.h5")
loaded_model.evaluate(X_test, y_test)
