# title = "Mesmas camadas, números de parâmetros diferentes"
# scores = {"deep-test" = 0.7}
#
# %% [shallow]
shallow_model = keras.Sequential([keras.Input((28, 28)), layers.Flatten(), layers.Dense(150, activation="relu"), layers.Dense(10, activation="softmax")])
