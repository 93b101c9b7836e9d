# title = "Custo com a soma no lugar da média"
# scores = {"formula-test" = 0.5}
#
# %% [formula]
def custo(w, X, y):
    return tf.reduce_sum(tf.square(X @ w - y))

def gradiente_formula(w, X, y):
    return 2 / len(X) * tf.transpose(X) @ (X @ w - y)
