# title = "RandomSearch três vezes, com outros nomes"
# scores = {"tuner-bayes-test" = 0, "tuner-hyperband-test" = 0}
#
# %% [tuner-bayes]
tuner_bayes = keras_tuner.RandomSearch(
    build, objective="val_loss", max_trials=TENTATIVAS, project_name="bayesiana", overwrite=True
)
with medir("BayesianOptimization"):
    tuner_bayes.search(X_train, y_train, epochs=EPOCAS, validation_data=(X_valid, y_valid), verbose=0)
# %% [tuner-hyperband]
tuner_hyperband = keras_tuner.RandomSearch(
    build, objective="val_loss", max_trials=6, project_name="hyperband", overwrite=True
)
with medir("Hyperband"):
    tuner_hyperband.search(X_train, y_train, epochs=2, validation_data=(X_valid, y_valid), verbose=0)
