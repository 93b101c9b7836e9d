# title = "Um otimizador para dois modelos: o segundo fit falha"
# scores = {"comparison-test" = 0.1}
#
# %% [comparison]
adam = keras.optimizers.Adam()
shallow_model.compile(loss="sparse_categorical_crossentropy", optimizer=adam, metrics=["accuracy"])
shallow_history = shallow_model.fit(X_train, y_train, epochs=5, batch_size=100, validation_data=(X_valid, y_valid), verbose=0)
deep_model.compile(loss="sparse_categorical_crossentropy", optimizer=adam, metrics=["accuracy"])
deep_history = deep_model.fit(X_train, y_train, epochs=5, batch_size=100, validation_data=(X_valid, y_valid), verbose=0)
