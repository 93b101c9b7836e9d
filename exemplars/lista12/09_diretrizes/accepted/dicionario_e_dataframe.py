# title = "Históricos como DataFrame e dicionário, rótulos one-hot, fração por laço"
#
# %% [comparison]
import pandas as pd

Y_train, Y_valid = keras.utils.to_categorical(y_train, 10), keras.utils.to_categorical(y_valid, 10)
historicos = []
for modelo in (shallow_model, deep_model):
    modelo.compile(loss="categorical_crossentropy", optimizer=keras.optimizers.RMSprop(), metrics=[keras.metrics.CategoricalAccuracy()])
    historicos.append(modelo.fit(X_train, Y_train, epochs=5, batch_size=128, validation_data=(X_valid, Y_valid), verbose=0))
shallow_history = pd.DataFrame(historicos[0].history)
deep_history = historicos[1].history
# %% [saturation]
from math import exp, tanh

DERIVADAS = {
    "relu": lambda z: 1 if z > 0 else 0,
    "tanh": lambda z: 1 - tanh(z) ** 2,
    "sigmoid": lambda z: exp(-abs(z)) / (1 + exp(-abs(z))) ** 2,
}

def fracao_saturada(ativacao, z):
    derivada = DERIVADAS[ativacao]
    valores = np.asarray(z).ravel()
    return sum(derivada(v) < 0.01 for v in valores) / len(valores)
# %% [early]
early_stopping = keras.callbacks.EarlyStopping("val_loss", mode="min", patience=10, restore_best_weights=True, verbose=1)
big_history = big_model.fit(X_few, y_few, epochs=150, validation_data=(X_valid, y_valid), callbacks=early_stopping, verbose=0).history
