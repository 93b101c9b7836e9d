# title = "Saída softplus, objetos de custo e de métrica, pathlib"
#
# %% [architecture]
model = keras.Sequential([
    layers.Input((8,)), layers.Dense(50, activation="relu"), layers.Dense(20, activation="relu"),
    layers.Dense(1, activation="softplus"),
])
# %% [compile]
model.compile(
    optimizer=keras.optimizers.RMSprop(1e-3),
    loss=keras.losses.MeanSquaredError(),
    metrics=[keras.metrics.RootMeanSquaredError(), keras.metrics.MeanAbsoluteError()],
)
# %% [saving]
import pathlib

model.save(pathlib.Path("modelo.h5"))
# %% [reload]
loaded_model = keras.saving.load_model(pathlib.Path("modelo.h5"))
