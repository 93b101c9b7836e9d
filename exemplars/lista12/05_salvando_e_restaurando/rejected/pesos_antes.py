# title = "Salvou os pesos da rede antes de treinar"
# scores = {"save-weights-test" = 0.25, "load-weights-test" = 0.0}
#
# %% [save-weights]
rede = RedeComAtalho()
rede.compile(loss="mean_squared_error", optimizer="adam")
rede(X_train[:1])
rede.save_weights("pesos.weights.h5")
rede.fit(X_train, y_train, epochs=10, batch_size=64, shuffle=False)
