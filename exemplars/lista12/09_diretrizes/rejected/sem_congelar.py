# title = "Compartilha as camadas, mas não as congela: os pesos de model_A mudam junto"
# scores = {"model-b-test" = 0.75}
#
# %% [model-b]
model_B = keras.Sequential(model_A.layers[:-1] + [layers.Dense(1, activation="sigmoid")])
model_B.compile(loss="binary_crossentropy", optimizer="sgd")
model_B.fit(X_B, y_B, epochs=20, verbose=0)
