# title = "API funcional em tudo; a saída nova é ligada à penúltima camada de A"
#
# %% [deep]
entrada = keras.Input((28, 28))
x = layers.Flatten()(entrada)
for n in (98, 60, 30):
    x = layers.Dense(n)(x)
    x = layers.ReLU()(x)
deep_model = keras.Model(entrada, layers.Softmax()(layers.Dense(10)(x)))
# %% [shallow]
entrada = keras.Input((28, 28))
x = layers.Dense(106, activation="relu")(layers.Flatten()(entrada))
shallow_model = keras.Model(inputs=entrada, outputs=layers.Dense(10, activation="softmax")(x))
# %% [model-a]
entrada = keras.Input((28, 28))
x = layers.Flatten()(entrada)
x = layers.Dense(100, activation="relu")(x)
x = layers.Dense(50, activation="relu")(x)
model_A = keras.Model(entrada, layers.Dense(8, activation="softmax")(x))
model_A.compile("adam", keras.losses.SparseCategoricalCrossentropy())
model_A.fit(X_A, y_A, epochs=5, batch_size=100, verbose=0)
# %% [model-b]
saida = layers.Dense(1, activation="sigmoid")(model_A.layers[-2].output)
model_B = keras.Model(model_A.input, saida)
for camada in model_A.layers[:-1]:
    camada.trainable = False
model_B.compile(loss=keras.losses.BinaryCrossentropy(), optimizer="sgd", metrics=["accuracy"])
model_B.fit(X_B, y_B, epochs=25, verbose=0)
