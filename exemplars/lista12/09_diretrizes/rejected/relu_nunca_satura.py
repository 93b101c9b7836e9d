# title = "Toma a ReLU por uma função que nunca satura, nem para valores negativos"
# scores = {"saturation-test" = 0.7}
#
# %% [saturation]
def fracao_saturada(ativacao, z):
    if ativacao == "relu":
        return 0.0
    saida = np.tanh(z) if ativacao == "tanh" else 1 / (1 + np.exp(-z))
    derivada = 1 - saida**2 if ativacao == "tanh" else saida * (1 - saida)
    return (derivada < 0.01).mean()
