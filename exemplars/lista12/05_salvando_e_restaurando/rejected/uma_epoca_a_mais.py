# title = "Continuou por uma época a mais"
# scores = {"resume-test" = 0.1, "resume-h5-test" = 0.1}
#
# %% [resume]
modelo_retomado = keras.models.load_model("parcial.keras")
history_retomado = modelo_retomado.fit(X_train, y_train, epochs=3, batch_size=64, shuffle=False)
# %% [resume-h5]
modelo_retomado_h5 = criar_modelo()
modelo_retomado_h5.load_weights("parcial.h5")
restaurar_otimizador(modelo_retomado_h5, "parcial.h5")
history_retomado_h5 = modelo_retomado_h5.fit(X_train, y_train, epochs=2, batch_size=64, shuffle=False)
