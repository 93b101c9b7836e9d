# title = "Mede a saída perto de 1 em vez da derivada: esquece o platô de baixo"
# scores = {"saturation-test" = 0.3}
#
# %% [saturation]
def fracao_saturada(ativacao, z):
    saida = np.asarray(keras.activations.get(ativacao)(z))
    return np.mean(saida > 0.99)
