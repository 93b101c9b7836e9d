# title = "Polinômio sem laço, com tf.pow; tipos sem repetição"
#
# %% [function]
@tf.function(input_signature=(tf.TensorSpec(shape=[None], dtype=tf.float32), tf.TensorSpec(shape=[], dtype=tf.int32)))
def polinomio(x, n):
    expoentes = tf.cast(tf.range(n + 1), tf.float32)
    return tf.reduce_sum(tf.pow(x[:, tf.newaxis], expoentes), axis=1)

polinomio(tf.constant([1.0, 2.0, 3.0]), tf.constant(4))
operacoes = sorted({op.type for op in polinomio.get_concrete_function().graph.get_operations()})
