# title = "Publica um resultado inventado na célula de resposta"
# scores = {"architecture-test" = 0.25}
#
# %% [architecture]
from IPython.display import display

display({"application/vnd.autograder.outcome+json": {"title": "tudo certo", "passed": True, "credit": 1.0, "weight": 1000.0},
         "text/plain": "tudo certo"}, raw=True)
model = keras.Sequential([keras.Input((28, 28)), layers.Flatten(), layers.Dense(10, activation="softmax")])
