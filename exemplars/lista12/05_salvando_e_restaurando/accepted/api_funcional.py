# title = "API funcional, ativações em camadas, custo como objeto, model no lugar de modelo"
#
# %% [create]
def criar_modelo():
    keras.utils.set_random_seed(42)
    entrada = keras.Input((8,), name="atributos")
    x = layers.ReLU()(layers.Dense(30)(entrada))
    x = layers.Activation("relu")(layers.Dense(30)(x))
    saida = layers.Dense(1, activation="linear")(x)
    modelo = keras.Model(inputs=entrada, outputs=saida)
    adam = keras.optimizers.Adam(0.005, 0.8)
    modelo.compile(optimizer=adam, loss=keras.losses.MeanSquaredError())
    return modelo
# %% [resume-h5]
modelo_retomado_h5 = criar_modelo()
modelo_retomado_h5.load_weights("parcial.h5")
restaurar_otimizador(modelo_retomado_h5, "parcial.h5")
history_retomado_h5 = modelo_retomado_h5.fit(X_train, y_train, 64, shuffle=False, verbose=0)
# %% [load-weights]
rede_nova = RedeComAtalho(30)
rede_nova.predict(X_valid, verbose=0)
rede_nova.load_weights("pesos.weights.h5")
