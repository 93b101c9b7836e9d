# title = "Sequential com uma lista de camadas, como na solução"
#
# %% [markdown] [essay]
# 1. Nenhum dos dois: na última época, o custo de treinamento (0,32) e o de validação (0,34) ainda descem juntos.
# 2. Shirt e T-shirt/top. O Flatten perde a vizinhança dos pixels, e as silhuetas são quase as mesmas.
#    Uma rede convolucional ajudaria.
