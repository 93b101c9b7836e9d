# title = "Um laço infinito onde se treina"
# scores = {"training-test" = 0.0, "accuracy-test" = 0.0}
#
# %% [training]
while True:
    pass
