# title = "API funcional em linear e em distribuido"
#
# %% [keras-sgd]
entrada = keras.Input([3])
linear = keras.Model(entrada, keras.layers.Dense(units=1, activation="linear", kernel_initializer="zeros")(entrada))
linear.compile(keras.optimizers.SGD(5e-2), "mse", metrics=["mae"])
for _ in range(10):
    linear.train_on_batch(X_dados, y_dados)
# %% [devices]
dispositivos = []
for tipo in ("CPU", "GPU"):
    for dispositivo in tf.config.list_logical_devices(tipo):
        dispositivos.append(dispositivo.name)

def escolher(nomes):
    escolhido = None
    for nome in nomes:
        if "GPU" in nome.upper():
            return nome
        if escolhido is None and "CPU" in nome.upper():
            escolhido = nome
    return escolhido

def produto_em(nome, P, Q):
    with tf.device(nome):
        resultado = tf.matmul(P, Q)
    return resultado
# %% [strategy]
estrategia = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
with estrategia.scope():
    entrada = keras.Input((8,))
    oculta = keras.layers.Dense(10, "tanh")(entrada)
    oculta = keras.layers.Dense(10, "tanh")(oculta)
    distribuido = keras.Model(entrada, keras.layers.Dense(1)(oculta))
    distribuido.compile("adam", "mse")
