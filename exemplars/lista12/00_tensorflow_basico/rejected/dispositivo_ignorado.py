# title = "O dispositivo pedido é ignorado, e escolher dá a última GPU"
# scores = {"devices-test" = 0.25}
#
# %% [devices]
dispositivos = [dispositivo.name for dispositivo in tf.config.list_logical_devices()]

def escolher(nomes):
    return sorted(nomes)[-1]

def produto_em(nome, P, Q):
    with tf.device("/CPU:0"):
        return P @ Q
