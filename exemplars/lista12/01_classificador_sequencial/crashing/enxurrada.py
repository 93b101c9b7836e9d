# title = "Escreve sem parar antes da resposta, e pede muito texto"
#
# %% [+after data]
for _ in range(200_000):
    print("x" * 200)
