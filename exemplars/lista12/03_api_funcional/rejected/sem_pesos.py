# title = "Sem loss_weights"
# scores = {"compile-test" = 0.25}
#
# %% [compile]
model.compile(loss="mean_squared_error", optimizer="adam")
