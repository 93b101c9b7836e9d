# title = "A taxa diminui no início de cada época, a partir da segunda"
#
# %% [stopper]
class ParaNoSobreajuste(keras.callbacks.Callback):
    def __init__(self, limite=1.5):
        super().__init__()
        self.limite = limite

    def on_epoch_end(self, epoch, logs={}):
        razao = logs.get("val_loss") / logs.get("loss")
        self.model.stop_training = razao > self.limite
# %% [reducer]
class ReduzTaxa(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.learning_rates = []

    def on_epoch_begin(self, epoch, logs=None):
        taxa = self.model.optimizer.learning_rate
        if epoch > 0:
            taxa.assign(taxa * 0.9)
        self.learning_rates.append(taxa.numpy())

reduz = ReduzTaxa()
