# title = "A tangente hiperbólica ficou por fazer"
# scores = {"saturation-test" = 0.4}
#
# %% [saturation]
def fracao_saturada(ativacao, z):
    if ativacao == "tanh":
        raise NotImplementedError("depois eu faço")
    saida = 1 / (1 + np.exp(-z))
    derivada = saida * (1 - saida) if ativacao == "sigmoid" else z > 0
    return np.mean(derivada < 0.01)
