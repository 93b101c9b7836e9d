# title = "best_model é o modelo que ficou na memória"
# scores = {"reload-test" = 0.0}
#
# %% [reload]
best_model = model_1
