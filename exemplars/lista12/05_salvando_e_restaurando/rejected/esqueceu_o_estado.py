# title = "Compilou com o mesmo otimizador, mas não restaurou o estado"
# scores = {"resume-h5-test" = 0.1}
#
# %% [resume-h5]
modelo_retomado_h5 = keras.models.load_model("parcial.h5", compile=False)
modelo_retomado_h5.compile(loss="mean_squared_error", optimizer=keras.optimizers.Adam(learning_rate=0.005, beta_1=0.8))
history_retomado_h5 = modelo_retomado_h5.fit(X_train, y_train, epochs=1, batch_size=64, shuffle=False)
