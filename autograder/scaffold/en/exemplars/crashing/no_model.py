# title = "The cell of the model raises"
# scores = {"model-test" = 0.0, "training-test" = 0.0, "prediction-test" = 0.0}
#
# %% [model]
model = keras.Sequential([layers.Dense("32")])
