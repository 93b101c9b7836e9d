# %% right
class Rede:
    pass

modelo = Rede()

check.instance(modelo, "Rede")
# %% wrong
class Rede:
    pass

modelo = Rede

check.instance(modelo, "Rede")
