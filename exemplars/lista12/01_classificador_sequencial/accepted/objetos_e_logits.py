# title = "Objetos de custo e métrica, from_logits=True e softmax em prever"
#
# %% [architecture]
model = keras.Sequential([
    keras.Input((28, 28)),
    layers.Flatten(),
    layers.Dense(200, activation=keras.activations.relu),
    layers.Dense(100, activation=keras.activations.relu),
    layers.Dense(10),
])
# %% [compile]
model.compile(
    optimizer=keras.optimizers.Nadam(),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=[keras.metrics.SparseCategoricalAccuracy(name="acuracia")],
)
# %% [predict]
def prever(X):
    return keras.ops.softmax(model(X.astype("float32") / 255.0))
