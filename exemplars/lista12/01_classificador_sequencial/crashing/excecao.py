# title = "Uma exceção na célula da arquitetura: as outras partes que dependem do modelo caem com ela"
# scores = {"architecture-test" = 0.0, "compile-test" = 0.0, "output-test" = 0.0, "training-test" = 0.0, "saving-test" = 0.0, "reload-test" = 0.0, "accuracy-test" = 0.0}
#
# %% [architecture]
model = keras.Sequential([layers.Dense(10, activation="softmaxx")])
