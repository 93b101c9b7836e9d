# title = "Comparação injusta: outro otimizador e mais épocas na rede profunda"
# scores = {"comparison-test" = 0.8}
#
# %% [comparison]
shallow_model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
shallow_history = shallow_model.fit(X_train, y_train, epochs=5, batch_size=100, validation_data=(X_valid, y_valid), verbose=0)
deep_model.compile(loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.RMSprop(), metrics=["accuracy"])
deep_history = deep_model.fit(X_train, y_train, epochs=7, batch_size=100, validation_data=(X_valid, y_valid), verbose=0)
