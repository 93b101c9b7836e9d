# title = "tf.keras, clone_model, taxa dada por uma agenda, imagens uma a uma"
#
# %% [run-1]
model_1 = build_model(0.005)
history_1 = model_1.fit(X_train, y_train, epochs=5, validation_data=(X_valid, y_valid),
                        callbacks=[tf.keras.callbacks.TensorBoard("my_logs/primeira", 1)])
# %% [run-2]
model_2 = tf.keras.models.clone_model(model_1)
model_2.compile(loss=tf.keras.losses.SparseCategoricalCrossentropy(), metrics=[tf.keras.metrics.SparseCategoricalAccuracy()],
                optimizer=tf.keras.optimizers.SGD(tf.keras.optimizers.schedules.ExponentialDecay(0.1, 1000, 0.9)))
history_2 = model_2.fit(X_train, y_train, epochs=5, validation_data=(X_valid, y_valid),
                        callbacks=[tf.keras.callbacks.TensorBoard("my_logs/segunda", 1)])
# %% [images]
w = tf.summary.create_file_writer("my_logs/primeira/imagens")
with w.as_default(), tf.name_scope("treino"):
    tf.summary.image("amostras", X_train[100:150].reshape((50, 28, 28, 1)).astype("float32"), step=0, max_outputs=50)
w.flush()
# %% [conclusions]
melhor = model_2
conclusoes = {
    "learning_rate": melhor.optimizer.learning_rate,
    "val_loss": round(min(history_2.history["val_loss"]), 3),
    "step": np.argmin(history_2.history["val_loss"]),
    "gap": history_2.history["sparse_categorical_accuracy"][-1] - history_2.history["val_sparse_categorical_accuracy"][-1],
}
