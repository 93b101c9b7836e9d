# title = "loaded_model e rede_nova são os próprios objetos treinados"
# scores = {"reload-test" = 0.0, "load-weights-test" = 0.0}
#
# %% [reload]
loaded_model = model
# %% [load-weights]
rede_nova = rede
