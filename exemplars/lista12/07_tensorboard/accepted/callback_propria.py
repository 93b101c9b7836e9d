# title = "Uma callback própria grava tudo com tf.summary"
#
# %% [run-1]
class MeuTensorBoard(keras.callbacks.Callback):
    def __init__(self, pasta):
        super().__init__()
        self.gravador = tf.summary.create_file_writer(pasta)

    def on_train_begin(self, logs=None):
        rede = tf.function(lambda x: self.model(x))
        with self.gravador.as_default():
            tf.summary.graph(rede.get_concrete_function(tf.TensorSpec((None, 28, 28))).graph)

    def on_epoch_end(self, epoch, logs=None):
        with self.gravador.as_default():
            for nome, valor in logs.items():
                tf.summary.scalar(nome, valor, step=epoch + 1)
            for camada in self.model.layers:
                for peso in camada.weights:
                    tf.summary.histogram(peso.path, peso, step=epoch + 1)
            self.gravador.flush()

model_1 = build_model(0.005)
history_1 = model_1.fit(X_train, y_train, epochs=5, validation_data=(X_valid, y_valid), callbacks=[MeuTensorBoard("my_logs/a")])
# %% [run-2]
model_2 = build_model(0.1)
history_2 = model_2.fit(X_train, y_train, epochs=5, validation_data=(X_valid, y_valid), callbacks=[MeuTensorBoard("my_logs/b")])
