# title = "Sequential com uma lista de camadas, como na solução"
#
# %% [markdown] [essay]
# 1. A identidade não limita a saída. A sigmoide só vai até 1, e a maioria dos rótulos é maior: satura.
# 2. Para não vazar informação da validação e do teste. Sem escala, a superfície de custo é muito alongada.
