# title = "ModelCheckpoint grava os arquivos durante o treinamento"
#
# %% [train]
model = criar_modelo()
gravar = keras.callbacks.ModelCheckpoint("modelo.h5")
history = model.fit(X_train, y_train, epochs=3, batch_size=64, shuffle=False, callbacks=[gravar], verbose=0)
# %% [save]
print("já está salvo")
# %% [interrupt]
modelo_parcial = criar_modelo()
modelo_parcial.fit(X_train, y_train, epochs=2, batch_size=64, shuffle=False, verbose=0,
                   callbacks=[keras.callbacks.ModelCheckpoint("parcial.keras")])
# %% [save-weights]
rede = RedeComAtalho(name="rede")
rede.compile(loss=keras.losses.MeanSquaredError(), optimizer=keras.optimizers.SGD(0.001, momentum=0.9))
rede.fit(X_train, y_train, epochs=20, batch_size=64, verbose=0, callbacks=[
    keras.callbacks.ModelCheckpoint("pesos.weights.h5", save_weights_only=True)])
