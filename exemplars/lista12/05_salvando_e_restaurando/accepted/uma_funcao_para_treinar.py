# title = "Uma função de treinamento, nomes curtos, um modelo parcial aproveitado nos dois formatos"
#
# %% [train]
def treinar(m, epocas):
    return m.fit(x=X_train, y=y_train, batch_size=64, epochs=epocas, shuffle=False, verbose=0)

model = criar_modelo()
history = treinar(model, 3)
# %% [straight]
modelo_direto = criar_modelo()
history_direto = treinar(modelo_direto, 4)
# %% [interrupt]
modelo_parcial = criar_modelo()
treinar(modelo_parcial, 2)
modelo_parcial.save("parcial.keras")
modelo_parcial.save("copia.h5")
# %% [resume]
modelo_retomado = keras.models.load_model("parcial.keras", compile=True)
history_retomado = treinar(modelo_retomado, 2)
# %% [interrupt-h5]
modelo_parcial_h5 = keras.models.load_model("parcial.keras")
treinar(modelo_parcial_h5, 1)
modelo_parcial_h5.save("parcial.h5", include_optimizer=True)
# %% [resume-h5]
modelo_retomado_h5 = keras.models.load_model("parcial.h5")
modelo_retomado_h5.compile(loss="mean_squared_error", optimizer=criar_modelo().optimizer)
restaurar_otimizador(modelo_retomado_h5, "parcial.h5")
history_retomado_h5 = treinar(modelo_retomado_h5, 1)
# %% [load-weights]
rede_nova = RedeComAtalho()
_ = rede_nova(np.zeros((1, 8)))
rede_nova.load_weights("pesos.weights.h5")
np.testing.assert_allclose(rede_nova.predict(X_valid), rede.predict(X_valid))
