# title = "Gradiente sem o fator 2"
# scores = {"formula-test" = 0.5, "descent-test" = 0.0}
#
# %% [formula]
def custo(w, X, y):
    return tf.reduce_mean(tf.square(X @ w - y))

def gradiente_formula(w, X, y):
    return 1 / len(X) * tf.transpose(X) @ (X @ w - y)
