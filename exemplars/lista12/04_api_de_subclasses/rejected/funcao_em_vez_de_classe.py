# title = "Uma função que monta um modelo funcional, com o nome da classe"
# scores = {"wide-test" = 1.6, "training-test" = 0.9}
#
# %% [wide]
def WideAndDeepModel(units=30, activation="relu"):
    a, b = keras.Input((5,)), keras.Input((6,))
    h = layers.Dense(units, activation=activation)(layers.Dense(units, activation=activation)(b))
    return keras.Model([a, b], layers.Dense(1)(layers.concatenate([a, h])))
