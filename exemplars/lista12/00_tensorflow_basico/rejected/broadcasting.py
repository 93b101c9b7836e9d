# title = "Rótulos de forma (n,) contra previsões de forma (n, 1)"
# scores = {"tape-test" = 0.2}
#
# %% [tape]
def gradientes(model, X, y):
    with tf.GradientTape() as tape:
        erro = tf.reduce_mean(tf.square(model(X) - tf.squeeze(y)))
    return tape.gradient(erro, model.trainable_variables)
