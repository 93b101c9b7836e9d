# %% given
def referencia(x):
    return 2 * x
# %% right
def derivada(x):
    return x + x

check.answers(derivada, referencia, [(1.5,), (-3.0,)], title="Derivada de x²")
# %% wrong
def derivada(x):
    return x**2

check.answers(derivada, referencia, [(1.5,), (-3.0,)], title="Derivada de x²")
