# title = "Salvou antes de treinar"
# scores = {"save-test" = 0.6, "optimizer-test" = 0.0, "inspect-test" = 0.25}
#
# %% [train]
model = criar_modelo()
model.save("modelo.h5")
history = model.fit(X_train, y_train, epochs=3, batch_size=64, shuffle=False)
# %% [save]
pass
