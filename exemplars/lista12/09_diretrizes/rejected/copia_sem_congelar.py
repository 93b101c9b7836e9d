# title = "Copia os pesos, mas não congela: o treinamento os muda"
# scores = {"model-b-test" = 0.375}
#
# %% [model-b]
copia = keras.models.clone_model(model_A)
copia.set_weights(model_A.get_weights())
model_B = keras.Sequential(copia.layers[:-1] + [layers.Dense(1, activation="sigmoid")])
model_B.compile(loss="binary_crossentropy", optimizer="sgd")
model_B.fit(X_B, y_B, epochs=20, verbose=0)
