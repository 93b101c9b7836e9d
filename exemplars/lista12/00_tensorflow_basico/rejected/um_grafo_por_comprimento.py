# title = "tf.function sem assinatura, e o laço sem o último termo"
# scores = {"function-test" = 0.125}
#
# %% [function]
@tf.function
def polinomio(x, n):
    soma = tf.zeros_like(x)
    for _ in tf.range(n):
        soma = soma * x + 1
    return soma

operacoes = [op.type for op in polinomio.get_concrete_function(tf.constant([1.0, 2.0, 3.0]), tf.constant(4)).graph.get_operations()]
