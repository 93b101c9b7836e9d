# title = "Duas épocas"
# scores = {"training-test" = 0.5}
#
# %% [training]
history = model.fit([X_train_A, X_train_B], [y_train, y_train], epochs=2, batch_size=8, verbose=0,
                    validation_data=([X_valid_A, X_valid_B], [y_valid, y_valid]))
