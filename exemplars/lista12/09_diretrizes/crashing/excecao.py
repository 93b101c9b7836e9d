# title = "Uma exceção na célula de model_A: o que depende dele cai junto"
# scores = {"model-a-test" = 0.0, "model-b-test" = 0.0, "accuracy-test" = 0.0}
#
# %% [model-a]
model_A = keras.Sequential([layers.Dense(8, activation="softmaxx")])
