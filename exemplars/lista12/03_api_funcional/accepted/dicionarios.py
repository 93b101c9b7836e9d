# title = "Entradas, saídas, alvos, custos e pesos em dicionários"
#
# %% [architecture]
wide = keras.Input(shape=(5,), name="wide")
deep = keras.Input(shape=(6,), name="deep")
z = layers.Dense(40, activation="elu")(deep)
z = layers.Dense(20, activation="elu")(z)
model = keras.Model(
    inputs={"wide": wide, "deep": deep},
    outputs={"main_output": layers.Dense(1)(keras.ops.concatenate([z, wide], axis=-1)), "aux_output": layers.Dense(1)(z)},
)
# %% [compile]
model.compile(
    optimizer=keras.optimizers.RMSprop(),
    loss={"main_output": "mean_squared_error", "aux_output": keras.losses.MeanSquaredError()},
    loss_weights={"main_output": 0.9, "aux_output": 0.1},
)
# %% [training]
def dados(A, B, y):
    return {"wide": A, "deep": B}, {"main_output": y, "aux_output": y}

history = model.fit(*dados(X_train_A, X_train_B, y_train), epochs=6, verbose=0,
                    validation_data=dados(X_valid_A, X_valid_B, y_valid)).history
# %% [shared]
camada = layers.Dense(30, activation="tanh", name="comum")
a, b = layers.Input((8,), name="a"), layers.Input((8,), name="b")
shared_model = keras.Model({"a": a, "b": b}, layers.Dense(1)(keras.ops.concatenate([camada(a), camada(b)], axis=1)))
# %% [predict]
def prever(X):
    X = scaler.transform(X)
    return model.predict({"wide": X[:, :5], "deep": X[:, 2:]}, verbose=0)["main_output"][:, 0]
