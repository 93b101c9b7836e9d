# title = "model_B quase sem treinamento: uma época"
# scores = {"accuracy-test" = 0.5}
#
# %% [model-b]
model_B = keras.Sequential(model_A.layers[:-1] + [layers.Dense(1, activation="sigmoid", kernel_initializer="zeros")])
for layer in model_B.layers[:-1]:
    layer.trainable = False
model_B.compile(loss="binary_crossentropy", optimizer=keras.optimizers.SGD(1e-12))
model_B.fit(X_B, y_B, epochs=1, verbose=0)
