# title = "Treinou uma cópia e entregou o modelo sem treino"
# scores = {"training-test" = 0.5, "mse-test" = 0.5}
#
# %% [training]
copia = keras.models.clone_model(model)
copia.compile(loss=["mse", "mse"], loss_weights=[0.9, 0.1], optimizer="adam")
history = copia.fit([X_train_A, X_train_B], [y_train, y_train], epochs=3, verbose=0,
                    validation_data=([X_valid_A, X_valid_B], [y_valid, y_valid]))
