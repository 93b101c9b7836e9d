# title = "Histórico inventado e registros escritos à mão, rede sem treino"
# scores = {"training-1-test" = 0.25, "log-1-test" = 1.0, "histograms-test" = 0.33333333}
#
# %% [run-1]
model_1 = build_model(0.005)
history_1 = {"loss": [1.9, 1.5, 1.2, 1.1, 1.0], "val_loss": [1.8, 1.5, 1.3, 1.2, 1.1],
             "accuracy": [0.4, 0.5, 0.6, 0.65, 0.7], "val_accuracy": [0.45, 0.5, 0.6, 0.65, 0.68]}
with tf.summary.create_file_writer("my_logs/run_1/train").as_default():
    for i, (a, b) in enumerate(zip(history_1["loss"], history_1["val_loss"])):
        tf.summary.scalar("epoch_loss", a, step=i)
        tf.summary.scalar("val", b, step=i)
# %% [conclusions]
best = history_2.history
conclusoes = {"learning_rate": 0.1, "val_loss": min(best["val_loss"]), "step": int(np.argmin(best["val_loss"])),
              "gap": best["accuracy"][-1] - best["val_accuracy"][-1]}
