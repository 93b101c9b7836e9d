# title = "Espera alguém digitar"
#
# %% [+after data]
nome = input("Seu nome: ")
