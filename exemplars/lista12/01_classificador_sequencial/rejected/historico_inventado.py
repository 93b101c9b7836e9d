# title = "Histórico escrito à mão, modelo sem treino"
# scores = {"training-test" = 0.25, "accuracy-test" = 0.0}
#
# %% [training]
history = {"loss": [0.9, 0.5, 0.4, 0.3], "val_loss": [0.8, 0.5, 0.4, 0.35],
           "accuracy": [0.7, 0.8, 0.85, 0.9], "val_accuracy": [0.7, 0.8, 0.85, 0.88]}
