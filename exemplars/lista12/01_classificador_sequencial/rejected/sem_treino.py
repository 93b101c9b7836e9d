# title = "O modelo nunca foi treinado"
# scores = {"training-test" = 0.0, "accuracy-test" = 0.0}
#
# %% [training]
# esqueci
