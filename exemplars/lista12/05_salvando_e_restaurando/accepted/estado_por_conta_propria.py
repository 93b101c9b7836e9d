# title = "Estado do otimizador copiado do arquivo por conta própria, sem a função dada"
#
# %% [resume-h5]
carregado = keras.models.load_model("parcial.h5")
hiperparametros = carregado.optimizer.get_config()
carregado.compile(loss="mean_squared_error", optimizer=keras.optimizers.Adam.from_config(hiperparametros))
carregado.optimizer.build(carregado.trainable_variables)
with h5py.File("parcial.h5") as f:
    g = f["optimizer_weights"]
    for variavel, nome in zip(carregado.optimizer.variables, g.attrs["weight_names"]):
        variavel.assign(np.array(g[nome]))
modelo_retomado_h5 = carregado
history_retomado_h5 = modelo_retomado_h5.fit(X_train, y_train, epochs=1, batch_size=64, shuffle=False, verbose=0)
