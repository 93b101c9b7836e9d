# title = "Um MinMaxScaler para cada entrada; funções de construção; laços"
#
# %% [data]
from sklearn.preprocessing import MinMaxScaler

X, y = fetch_california_housing(return_X_y=True)
X_train, X_valid, y_train, y_valid = train_test_split(X, y, test_size=3000, random_state=1)
logs = lambda X: np.log1p(np.abs(X)) * np.sign(X)
scaler_A, scaler_B = MinMaxScaler((-2, 2)), MinMaxScaler((-2, 2))
X_train_A = scaler_A.fit_transform(logs(X_train[:, :5]))
X_train_B = scaler_B.fit_transform(logs(X_train[:, 2:]))
X_valid_A, X_valid_B = scaler_A.transform(logs(X_valid[:, :5])), scaler_B.transform(logs(X_valid[:, 2:]))
# %% [architecture]
def constroi(neuronios=(50, 50)):
    a, b = keras.Input(shape=(5,)), keras.Input(shape=(6,))
    h = b
    for n in neuronios:
        h = layers.Dense(n, activation="gelu", kernel_initializer="he_normal")(h)
    return keras.Model([a, b], [layers.Dense(1, name="main_output")(layers.concatenate([a, h])), layers.Dense(1, name="aux_output")(h)])

model = constroi()
# %% [compile]
custos = dict.fromkeys(["main_output", "aux_output"], "mse")
model.compile(optimizer=keras.optimizers.Adam(5e-3), loss=custos, loss_weights={"aux_output": 0.1, "main_output": 0.9})
# %% [training]
history = model.fit([X_train_A, X_train_B], [y_train, y_train], epochs=8, batch_size=64, verbose=0,
                    validation_data=([X_valid_A, X_valid_B], [y_valid, y_valid]))
# %% [predict]
def prever(X):
    A, B = scaler_A.transform(logs(X[:, :5])), scaler_B.transform(logs(X[:, 2:]))
    return np.squeeze(model.predict([A, B], verbose=0)[0])
