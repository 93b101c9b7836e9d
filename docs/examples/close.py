# %% right
check.close([0.1 + 0.2], [0.3], title="A soma dos pesos")
# %% wrong
check.close([0.1 + 0.1], [0.3], title="A soma dos pesos")
