# title = "Nomes trocados: uma célula termina com exceção, o resto vale"
# scores = {"tape-test" = 0.0}
#
# %% [tape]
gradientes = calcula_gradientes
