# title = "Nomes das operações no lugar dos tipos; um grafo para cada comprimento"
# scores = {"function-test" = 0.5}
#
# %% [function]
@tf.function
def polinomio(x, n):
    soma = tf.ones_like(x)
    for _ in tf.range(n):
        soma = soma * x + 1
    return soma

operacoes = [op.name for op in polinomio.get_concrete_function(tf.constant([1.0, 2.0, 3.0]), tf.constant(4)).graph.get_operations()]
