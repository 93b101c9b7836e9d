# title = "A primeira execução termina em exceção"
# scores = {"training-1-test" = 0.0, "log-1-test" = 0.0, "training-2-test" = 0.5, "log-2-test" = 0.5, "histograms-test" = 0.0, "conclusions-test" = 0.0}
#
# %% [run-1]
model_um = build_model(0.005)
history_1 = model_um.fit(X_train, y_train, epocas=5)
