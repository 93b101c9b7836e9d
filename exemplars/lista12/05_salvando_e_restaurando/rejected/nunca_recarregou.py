# title = "Continuou com o objeto que já estava em memória"
# scores = {"resume-test" = 0.1, "resume-h5-test" = 0.1}
#
# %% [resume]
modelo_retomado = modelo_parcial
history_retomado = modelo_retomado.fit(X_train, y_train, epochs=2, batch_size=64, shuffle=False)
# %% [resume-h5]
modelo_retomado_h5 = modelo_parcial_h5
history_retomado_h5 = modelo_retomado_h5.fit(X_train, y_train, epochs=1, batch_size=64, shuffle=False)
