# title = "RandomSearch compara o custo de treinamento; Hyperband com factor=2"
# scores = {"tuner-random-test" = 0.125, "tuner-hyperband-test" = 0.125}
#
# %% [tuner-random]
tuner_random = keras_tuner.RandomSearch(
    build, objective="loss", max_trials=TENTATIVAS, project_name="aleatoria", overwrite=True
)
with medir("RandomSearch"):
    tuner_random.search(X_train, y_train, epochs=EPOCAS, verbose=0)
# %% [tuner-hyperband]
tuner_hyperband = keras_tuner.Hyperband(
    build, objective="val_loss", max_epochs=EPOCAS, factor=2, project_name="hyperband", overwrite=True
)
with medir("Hyperband"):
    tuner_hyperband.search(X_train, y_train, validation_data=(X_valid, y_valid), verbose=0)
