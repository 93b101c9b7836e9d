# title = "Saída auxiliar primeiro, entrada profunda primeira, fit com nomes, DataFrame do histórico"
#
# %% [architecture]
input_deep = keras.Input((6,), name="deep")
input_wide = keras.Input((5,), name="wide")
x = layers.Dense(64, "relu")(input_deep)
x = layers.Dense(32, "relu")(x)
x = layers.Dense(16, "relu")(x)
aux = layers.Dense(1, name="aux_output")(x)
main = layers.Dense(1, activation="softplus", name="main_output")(layers.Concatenate()([x, input_wide]))
model = keras.Model([input_deep, input_wide], [aux, main])
# %% [compile]
model.compile(keras.optimizers.Nadam(), loss=["mean_squared_error"] * 2, loss_weights=[0.1, 0.9],
              metrics=[["mae"], ["mae"]])
# %% [training]
import pandas as pd

parada = keras.callbacks.EarlyStopping(patience=10, restore_best_weights=True)
history = pd.DataFrame(model.fit(
    {"deep": X_train_B, "wide": X_train_A}, {"main_output": y_train, "aux_output": y_train}, epochs=5, batch_size=64,
    validation_data=({"deep": X_valid_B, "wide": X_valid_A}, {"main_output": y_valid, "aux_output": y_valid}),
    callbacks=[parada], verbose=0).history)
# %% [predict]
def prever(X):
    X = scaler.transform(X)
    auxiliar, principal = model.predict([X[:, 2:8], X[:, 0:5]], verbose=0)
    return principal.ravel()
