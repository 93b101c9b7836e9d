# title = "Estilo da aula: nomes em inglês, keras.models.Sequential, DataFrame com o histórico"
#
# %% [create]
import tensorflow as tf
from tensorflow import keras
import pandas as pd

def criar_modelo():
    keras.utils.set_random_seed(42)
    model = keras.models.Sequential([
        keras.layers.Dense(30, activation="relu", input_shape=X_train.shape[1:]),
        keras.layers.Dense(30, activation="relu"),
        keras.layers.Dense(1)
    ])
    optimizer = keras.optimizers.Adam(learning_rate=5e-3, beta_1=0.8)
    model.compile(loss="mean_squared_error", optimizer=optimizer, metrics=["mae"])
    return model
# %% [train]
model = criar_modelo()
model.summary()
history = model.fit(X_train, y_train, epochs=3, batch_size=64, shuffle=False,
                    validation_data=(X_valid, y_valid))
pd.DataFrame(history.history)
# %% [reload]
loaded_model = keras.models.load_model("modelo.h5",
                                       custom_objects={"mae": keras.metrics.MeanAbsoluteError()})
loaded_model.evaluate(X_valid, y_valid)
y_pred = loaded_model.predict(X_valid[:3])
# %% [resume]
modelo_retomado = keras.models.load_model("parcial.keras")
history_retomado = modelo_retomado.fit(X_train, y_train, epochs=4, initial_epoch=2,
                                       batch_size=64, shuffle=False)
