# title = "Não salvou: recarregar falha"
# scores = {"saving-test" = 0.0, "reload-test" = 0.0}
#
# %% [saving]
print("salvo!")
