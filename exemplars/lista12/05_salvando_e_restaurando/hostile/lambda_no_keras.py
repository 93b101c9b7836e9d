# title = "Um parcial.keras com código em uma camada Lambda"
# scores = {"interrupt-test" = 0.0}
#
# %% [interrupt]
modelo_parcial = criar_modelo()
modelo_parcial.fit(X_train, y_train, epochs=2, batch_size=64, shuffle=False)
modelo_parcial.save("bom.keras")
com_codigo = keras.Sequential([keras.Input((8,)), layers.Lambda(lambda x: x), *modelo_parcial.layers])
com_codigo.save("parcial.keras")
# %% [resume]
modelo_retomado = keras.models.load_model("bom.keras")
history_retomado = modelo_retomado.fit(X_train, y_train, epochs=2, batch_size=64, shuffle=False)
