# title = "Um modelo-base congelado dentro de model_B"
#
# %% [model-b]
base = keras.Model(model_A.inputs, model_A.layers[-2].output)
base.trainable = False
model_B = keras.Sequential([keras.Input((28, 28)), base, layers.Dense(1, activation="sigmoid")])
model_B.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adam(0.01))
model_B.fit(X_B, y_B, epochs=20, verbose=0)
