# title = "save no lugar de save_weights; rede nova sem pesos"
# scores = {"save-weights-test" = 0.25, "load-weights-test" = 0.0}
#
# %% [save-weights]
rede = RedeComAtalho()
rede.compile(loss="mean_squared_error", optimizer="adam")
rede.fit(X_train, y_train, epochs=10, batch_size=64, shuffle=False)
rede.save("pesos.weights.h5")
# %% [load-weights]
rede_nova = RedeComAtalho()
rede_nova(X_train[:1])
