# title = "Anota taxas que diminuem, sem mudar o otimizador"
# scores = {"rates-test" = 0.625}
#
# %% [reducer]
class ReduzTaxa(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.learning_rates = []

    def on_epoch_end(self, epoch, logs=None):
        self.learning_rates.append(0.002 * 0.9 ** epoch)

reduz = ReduzTaxa()
