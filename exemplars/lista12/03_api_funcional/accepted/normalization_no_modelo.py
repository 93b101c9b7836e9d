# title = "Atributos originais, Normalization em cada entrada, ativações separadas e BatchNormalization"
#
# %% [data]
housing = fetch_california_housing()
X_train, X_valid, y_train, y_valid = train_test_split(housing.data.astype("float32"), housing.target, test_size=0.2)
X_train_A, X_train_B = X_train[:, 0:5], X_train[:, 2:8]
X_valid_A, X_valid_B = X_valid[:, [0, 1, 2, 3, 4]], X_valid[:, -6:]
# %% [architecture]
input_A, input_B = keras.Input((5,)), keras.Input((6,))
norm_A, norm_B = layers.Normalization(), layers.Normalization()
norm_A.adapt(X_train_A)
norm_B.adapt(X_train_B)
z = norm_B(input_B)
for unidades in (50, 20):
    z = layers.Dense(unidades)(z)
    z = layers.BatchNormalization()(z)
    z = layers.LeakyReLU()(z)
z = layers.Dropout(0.05)(z)
juntos = layers.Concatenate()([norm_A(input_A), z])
main_output = layers.Activation("linear", name="main_output")(layers.Dense(1)(juntos))
model = keras.Model([input_A, input_B], [main_output, layers.Dense(1, name="aux_output")(z)])
# %% [compile]
model.compile(keras.optimizers.Adam(0.005), loss=("mse", "mse"), loss_weights=(0.9, 0.1))
# %% [training]
history = model.fit((X_train_A, X_train_B), (y_train, y_train), epochs=6, batch_size=64, verbose=0,
                    validation_data=((X_valid_A, X_valid_B), (y_valid, y_valid)))
# %% [shared]
comum = layers.Dense(30)
norm = layers.Normalization()
norm.adapt(X_train)
entradas = [keras.Input((8,)) for _ in range(2)]
lidas = [layers.ReLU()(layers.BatchNormalization()(comum(norm(e)))) for e in entradas]
shared_model = keras.Model(entradas, layers.Dense(1)(layers.Concatenate()(lidas)))
# %% [predict]
def prever(X):
    return model([X[:, :5], X[:, 2:]], training=False)[0]
