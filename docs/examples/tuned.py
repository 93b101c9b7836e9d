# %% given
import keras
import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)
study = optuna.create_study()
study.optimize(lambda t: t.suggest_int("units", 8, 8) * t.suggest_float("learning_rate", 1, 1), 1)


def rede(units):
    layers = [keras.Input((8,)), keras.layers.Dense(units), keras.layers.Dense(1)]
    return keras.Sequential(layers)
# %% right
model = rede(units=8)
model.compile(loss="mse", optimizer=keras.optimizers.SGD(learning_rate=1.0))

check.tuned(model, [study])
# %% wrong
model = rede(units=16)
model.compile(loss="mse", optimizer=keras.optimizers.SGD(learning_rate=1.0))

check.tuned(model, [study])
