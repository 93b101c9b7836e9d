# title = "Gravou o .keras depois do .h5, do mesmo objeto"
# scores = {"interrupt-test" = 0.25, "resume-test" = 0.1}
#
# %% [interrupt]
modelo_parcial = criar_modelo()
modelo_parcial.fit(X_train, y_train, epochs=2, batch_size=64, shuffle=False)
modelo_parcial.save("copia.h5")
modelo_parcial.save("parcial.keras")
