# title = "Custo pelo apelido, carregado com compile=False; otimizador lido do arquivo com h5py"
#
# %% [create]
def criar_modelo():
    keras.utils.set_random_seed(7)
    modelo = keras.Sequential()
    modelo.add(keras.Input(shape=[8]))
    modelo.add(layers.Dense(30, "relu", kernel_initializer="he_normal"))
    modelo.add(layers.Dense(30, "relu", kernel_initializer="he_normal"))
    modelo.add(layers.Dense(1))
    modelo.compile("adam", "mse")
    modelo.optimizer.learning_rate = 0.005
    modelo.optimizer.beta_1 = 0.8
    return modelo
# %% [reload]
loaded_model = keras.models.load_model("modelo.h5", compile=False)
# %% [inspect]
import json
import h5py

with h5py.File("modelo.h5") as f:
    config_otimizador = json.loads(f.attrs["training_config"])["optimizer_config"]["config"]
    grupo = f["optimizer_weights"]
    passos = grupo[grupo.attrs["weight_names"][0]][()]
# %% [resume]
modelo_retomado = keras.models.load_model("parcial.keras")
history_retomado = modelo_retomado.fit(X_train, y_train, epochs=2, batch_size=64, shuffle=False, verbose=2).history
# %% [resume-h5]
modelo_retomado_h5 = keras.models.load_model("parcial.h5", compile=False)
modelo_retomado_h5.compile(optimizer=keras.optimizers.Adam(learning_rate=0.005, beta_1=0.8), loss="mse")
restaurar_otimizador(modelo_retomado_h5, "parcial.h5")
history_retomado_h5 = modelo_retomado_h5.fit(X_train, y_train, batch_size=64, shuffle=False).history
