# title = "Como na solução, com a discursiva"
#
# %% [markdown] [essay]
# 1. A saída auxiliar dá ao caminho profundo um gradiente próprio. Com 0,1 e 0,9 a principal aprenderia devagar.
# 2. 601. O que se extrai de um bairro não depende da entrada em que ele está.
