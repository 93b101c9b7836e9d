# title = "clone_model sem set_weights: as camadas congeladas são aleatórias"
# scores = {"model-b-test" = 0.375}
#
# %% [model-b]
copia = keras.models.clone_model(model_A)
model_B = keras.Sequential(copia.layers[:-1] + [layers.Dense(1, activation="sigmoid")])
for layer in model_B.layers[:-1]:
    layer.trainable = False
model_B.compile(loss="binary_crossentropy", optimizer="adam")
model_B.fit(X_B, y_B, epochs=60, verbose=0)
