# title = "Muda o histórico para parecer que o treinamento parou a tempo"
# scores = {"stopping-test" = 0.25, "restoring-test" = 0.0625}
#
# %% [early-stopping]
model_2 = build_model()
history_2 = model_2.fit(X_train, y_train, epochs=14, validation_data=(X_valid, y_valid), verbose=0)
history_2.history["val_loss"] = [2.0, 1.7, 0.6, 0.5] + [0.51] * 10
