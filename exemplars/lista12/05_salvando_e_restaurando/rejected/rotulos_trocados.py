# title = "Treinou com os rótulos fora de ordem"
# scores = {"save-test" = 0.8, "save-weights-test" = 0.4375}
#
# %% [train]
model = criar_modelo()
history = model.fit(X_train, np.random.permutation(y_train), epochs=3, batch_size=64)
# %% [save-weights]
rede = RedeComAtalho()
rede.compile(loss="mean_squared_error", optimizer="adam")
rede.fit(X_train, np.random.permutation(y_train), epochs=10)
rede.save_weights("pesos.weights.h5")
