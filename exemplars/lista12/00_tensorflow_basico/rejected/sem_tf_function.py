# title = "Sem tf.function: contas certas, nenhum grafo"
# scores = {"function-test" = 0.5}
#
# %% [function]
def polinomio(x, n):
    soma = tf.ones_like(x)
    for _ in range(int(n)):
        soma = soma * x + 1
    return soma

operacoes = ["Placeholder", "Mul", "AddV2", "Identity"]
