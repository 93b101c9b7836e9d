# title = "Multiplica a taxa por 0,99"
# scores = {"rates-test" = 0.25}
#
# %% [reducer]
class ReduzTaxa(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.learning_rates = []

    def on_epoch_end(self, epoch, logs=None):
        taxa = float(self.model.optimizer.learning_rate)
        self.learning_rates.append(taxa)
        self.model.optimizer.learning_rate = 0.99 * taxa

reduz = ReduzTaxa()
