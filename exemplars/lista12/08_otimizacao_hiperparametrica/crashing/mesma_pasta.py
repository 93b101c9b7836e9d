# title = "A segunda busca na pasta da primeira: o KerasTuner não a recarrega, e termina"
# scores = {"tuner-bayes-test" = 0, "tuner-hyperband-test" = 0.125, "table-test" = 0, "plot-test" = 0, "best-test" = 0, "mse-test" = 0}
#
# %% [tuner-bayes]
tuner_bayes = keras_tuner.BayesianOptimization(
    build, objective="val_loss", max_trials=TENTATIVAS, project_name="aleatoria"
)
with medir("BayesianOptimization"):
    tuner_bayes.search(X_train, y_train, epochs=EPOCAS, validation_data=(X_valid, y_valid), verbose=0)
