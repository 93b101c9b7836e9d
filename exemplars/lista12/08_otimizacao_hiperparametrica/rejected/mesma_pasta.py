# title = "BayesianOptimization na pasta da RandomSearch, recarregada"
# scores = {"tuner-bayes-test" = 0.125}
#
# %% [tuner-bayes]
tuner_bayes = keras_tuner.BayesianOptimization(
    build, objective="val_loss", max_trials=TENTATIVAS, project_name="aleatoria"
)
with medir("BayesianOptimization"):
    tuner_bayes.search(X_train, y_train, epochs=EPOCAS, validation_data=(X_valid, y_valid), verbose=0)
