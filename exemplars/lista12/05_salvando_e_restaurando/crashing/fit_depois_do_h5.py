# title = "fit logo depois de carregar o .h5: Unknown variable"
# scores = {"resume-h5-test" = 0.0}
#
# %% [resume-h5]
modelo_retomado_h5 = keras.models.load_model("parcial.h5")
history_retomado_h5 = modelo_retomado_h5.fit(X_train, y_train, epochs=1, batch_size=64, shuffle=False)
