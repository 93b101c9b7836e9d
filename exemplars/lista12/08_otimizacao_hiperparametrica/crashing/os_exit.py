# title = "os._exit na primeira busca"
# scores = {"model-test" = 0, "grid-test" = 0, "randomized-test" = 0, "tuner-random-test" = 0, "tuner-bayes-test" = 0, "tuner-hyperband-test" = 0, "optuna-test" = 0, "genetic-test" = 0, "baseline-test" = 0, "table-test" = 0, "plot-test" = 0, "best-test" = 0, "mse-test" = 0}
#
# %% [model]
import os

os._exit(0)
