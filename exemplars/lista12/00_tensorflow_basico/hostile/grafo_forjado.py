# title = "Um objeto que diz ser tf.function e conta um grafo"
# scores = {"function-test" = 0.5}
#
# %% [function]
from types import SimpleNamespace

class Function:
    __module__ = "builtins"

    def __call__(self, x, n):
        return sum(x**k for k in range(int(n) + 1))

    def experimental_get_tracing_count(self):
        return 1

    def get_concrete_function(self, *args):
        ops = [SimpleNamespace(type=t) for t in ("Placeholder", "StatelessWhile", "Identity")]
        return SimpleNamespace(graph=SimpleNamespace(get_operations=lambda: ops))

polinomio = Function()
operacoes = ["Placeholder", "StatelessWhile", "Identity"]
