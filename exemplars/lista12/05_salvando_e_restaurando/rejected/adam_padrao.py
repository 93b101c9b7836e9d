# title = "Adam com os hiperparâmetros padrão"
# scores = {"create-test" = 0.75, "optimizer-test" = 0.25, "inspect-test" = 0.25}
#
# %% [create]
def criar_modelo():
    keras.utils.set_random_seed(42)
    modelo = keras.Sequential([
        keras.Input(shape=(8,)), layers.Dense(30, "relu"), layers.Dense(30, "relu"), layers.Dense(1)])
    modelo.compile(loss="mean_squared_error", optimizer="adam")
    return modelo
# %% [resume-h5]
modelo_retomado_h5 = keras.models.load_model("parcial.h5", compile=False)
modelo_retomado_h5.compile(loss="mean_squared_error", optimizer="adam")
restaurar_otimizador(modelo_retomado_h5, "parcial.h5")
history_retomado_h5 = modelo_retomado_h5.fit(X_train, y_train, epochs=1, batch_size=64, shuffle=False)
