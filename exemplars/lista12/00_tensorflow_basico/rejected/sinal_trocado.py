# title = "Subida em vez de descida"
# scores = {"descent-test" = 0.0, "houses-test" = 0.0}
#
# %% [descent]
def descida(w, X, y, taxa, passos):
    for _ in range(passos):
        w = w + taxa * gradiente_formula(w, X, y)
    return w
