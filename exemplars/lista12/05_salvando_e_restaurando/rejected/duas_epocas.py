# title = "Uma época a menos antes de salvar modelo.h5"
# scores = {"save-test" = 0.8, "optimizer-test" = 0.25, "inspect-test" = 0.25}
#
# %% [train]
model = criar_modelo()
history = model.fit(X_train, y_train, epochs=2, batch_size=64, shuffle=False)
