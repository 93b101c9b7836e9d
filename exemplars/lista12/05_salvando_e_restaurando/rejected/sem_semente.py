# title = "criar_modelo sem a semente: outros pesos iniciais a cada chamada"
# scores = {"create-test" = 0.75, "resume-test" = 0.1, "resume-h5-test" = 0.1}
#
# %% [create]
def criar_modelo():
    modelo = keras.Sequential([
        keras.Input(shape=(8,)), layers.Dense(30, "relu"), layers.Dense(30, "relu"), layers.Dense(1)])
    modelo.compile(loss="mean_squared_error", optimizer=keras.optimizers.Adam(learning_rate=0.005, beta_1=0.8))
    return modelo
