# %% right
lotes = 40

check.that(lotes == 40, "Quarenta lotes por época", expected="40", actual=lotes)
# %% wrong
lotes = 39

check.that(lotes == 40, "Quarenta lotes por época", expected="40", actual=lotes)
