# title = "load_weights antes de a rede ter pesos: build não os cria"
# scores = {"load-weights-test" = 0.0}
#
# %% [load-weights]
rede_nova = RedeComAtalho()
rede_nova.build((None, 8))
rede_nova.load_weights("pesos.weights.h5")
