# title = "Previsões calculadas fora do bloco da fita"
# scores = {"tape-test" = 0.0}
#
# %% [tape]
def gradientes(model, X, y):
    previsoes = model(X)
    with tf.GradientTape() as tape:
        erro = tf.reduce_mean(tf.square(previsoes - y))
    return tape.gradient(erro, model.trainable_variables)
