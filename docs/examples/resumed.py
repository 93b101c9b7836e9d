# %% given
import keras
import numpy as np

X, y = np.ones((64, 2)), np.ones(64)


def treinar(model, epochs):
    return model.fit(X, y, epochs=epochs, batch_size=8, shuffle=False, verbose=0)


def criar_modelo():
    keras.utils.set_random_seed(42)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(loss="mean_squared_error", optimizer=keras.optimizers.Adam(0.1))
    return model


direto, parcial = criar_modelo(), criar_modelo()
do_direto = treinar(direto, 4)
treinar(parcial, 2)
parcial.save("parcial.keras")
# %% right
model = keras.models.load_model("parcial.keras")
history = treinar(model, 2)

check.resumed(model, direto, history=history, straight_history=do_direto, epochs=2)
# %% wrong
model = keras.models.load_model("parcial.keras")
model.compile(loss="mean_squared_error", optimizer=keras.optimizers.Adam(0.1))
history = treinar(model, 2)

check.resumed(model, direto, history=history, straight_history=do_direto, epochs=2)
