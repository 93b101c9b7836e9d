# %% right
check.equal((28, 28), (28, 28), title="Forma das imagens")
# %% wrong
check.equal((784,), (28, 28), title="Forma das imagens")
