# title = "reduce_retracing e laço while; tf.function chamada como função"
#
# %% [function]
def soma_de_potencias(x, n):
    k = tf.constant(0)
    potencia = tf.ones_like(x)
    soma = tf.zeros_like(x)
    while k <= n:
        soma += potencia
        potencia *= x
        k += 1
    return soma

polinomio = tf.function(soma_de_potencias, reduce_retracing=True)
concreta = polinomio.get_concrete_function(tf.constant([1.0, 2.0, 3.0]), tf.constant(4))
operacoes = []
for op in concreta.graph.get_operations():
    operacoes.append(op.type)
