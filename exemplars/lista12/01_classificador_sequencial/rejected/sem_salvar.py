# title = "Não salvou nada, e recarregou o próprio objeto"
# scores = {"saving-test" = 0.0, "reload-test" = 0.0}
#
# %% [saving]
pass
# %% [reload]
loaded_model = model
