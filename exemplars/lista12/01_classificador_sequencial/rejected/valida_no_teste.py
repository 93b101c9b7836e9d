# title = "Validou com o conjunto de teste"
# scores = {"training-test" = 0.875}
#
# %% [training]
_, (X_test, y_test) = keras.datasets.fashion_mnist.load_data()
history = model.fit(X_train, y_train, epochs=4, batch_size=256, validation_data=(X_test / 255, y_test), verbose=0)
