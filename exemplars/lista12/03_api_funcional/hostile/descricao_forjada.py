# title = "Um modelo errado que traz consigo a descrição de um certo"
# scores = {"ports-test" = 0.0, "paths-test" = 0.0, "compile-test" = 0.25, "training-test" = 0.25, "shared-test" = 0.1}
#
# %% [architecture]
entrada = keras.Input((8,))
model = keras.Model(entrada, layers.Dense(1)(layers.Dense(30, activation="relu")(entrada)))
porta = lambda nome, n, i: [[nome], [n], i]
passo = lambda tipo, u=None, a=None: {"kind": tipo, "units": u, "activation": a, "flattens": False}
model.__autograder_chain__ = {"steps": [], "input_shape": None, "graph": {
    "calls": [[passo("InputLayer"), 0, [], 0], [passo("InputLayer"), 1, [], 0], [passo("Dense", 30, "relu"), 2, [1], 210],
              [passo("Dense", 30, "relu"), 3, [2], 930], [passo("Concatenate"), 4, [0, 3], 0],
              [passo("Dense", 1, "linear"), 5, [4], 36], [passo("Dense", 1, "linear"), 6, [3], 31]],
    "ports": [[porta("a", 5, 0), porta("b", 6, 1)], [porta("main_output", 1, 5), porta("aux_output", 1, 6)]]}}
# %% [compile]
model.compile(loss="mse", optimizer="adam")
# %% [training]
history = model.fit(X_train, y_train, epochs=6, validation_data=(X_valid, y_valid), verbose=0)
# %% [shared]
shared_model = model
# %% [predict]
def prever(X):
    return model.predict(scaler.transform(X), verbose=0)
