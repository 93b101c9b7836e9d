# title = "Erro de sintaxe na camada compartilhada"
# scores = {"shared-test" = 0.0}
#
# %% [shared]
shared_model = keras.Model([first, second], difference
