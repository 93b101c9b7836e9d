# title = "Compilou de novo o modelo de parcial.keras"
# scores = {"resume-test" = 0.1}
#
# %% [resume]
modelo_retomado = keras.models.load_model("parcial.keras")
modelo_retomado.compile(loss="mean_squared_error", optimizer=keras.optimizers.Adam(learning_rate=0.005, beta_1=0.8))
history_retomado = modelo_retomado.fit(X_train, y_train, epochs=2, batch_size=64, shuffle=False)
