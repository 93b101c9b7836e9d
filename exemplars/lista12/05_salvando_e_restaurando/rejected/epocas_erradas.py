# title = "Interrompeu uma época antes, e continuou por 2"
# scores = {"interrupt-test" = 0.25, "resume-test" = 0.1}
#
# %% [interrupt]
modelo_parcial = criar_modelo()
modelo_parcial.fit(X_train, y_train, epochs=1, batch_size=64, shuffle=False)
modelo_parcial.save("parcial.keras")
