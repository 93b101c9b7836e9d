# title = "Treinamento direto com embaralhamento"
# scores = {"resume-test" = 0.1, "resume-h5-test" = 0.1}
#
# %% [straight]
modelo_direto = criar_modelo()
history_direto = modelo_direto.fit(X_train, y_train, epochs=4, batch_size=64)
