# title = "Custo pelo apelido: load_model termina com uma exceção"
# scores = {"reload-test" = 0.0, "inspect-test" = 0.0}
#
# %% [create]
def criar_modelo():
    keras.utils.set_random_seed(42)
    modelo = keras.Sequential([
        keras.Input(shape=(8,)), layers.Dense(30, "relu"), layers.Dense(30, "relu"), layers.Dense(1)])
    modelo.compile(loss="mse", optimizer=keras.optimizers.Adam(learning_rate=0.005, beta_1=0.8))
    return modelo
