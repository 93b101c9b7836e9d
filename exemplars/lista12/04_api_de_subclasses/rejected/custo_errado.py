# title = "Compilado com o erro absoluto médio"
# scores = {"training-test" = 0.3}
#
# %% [training]
model = WideAndDeepModel()
model.compile(loss="mae", optimizer="adam")
history = model.fit(separar(X_train), y_train, epochs=6, validation_data=(separar(X_valid), y_valid), verbose=0)
