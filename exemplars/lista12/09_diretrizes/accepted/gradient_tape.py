# title = "Derivadas pelo GradientTape; resultado como tensor"
#
# %% [saturation]
import tensorflow as tf

def fracao_saturada(ativacao, z):
    z = tf.convert_to_tensor(z, dtype=tf.float32)
    with tf.GradientTape() as fita:
        fita.watch(z)
        saida = keras.activations.get(ativacao)(z)
    derivada = fita.gradient(saida, z)
    return tf.reduce_mean(tf.cast(tf.abs(derivada) < 0.01, tf.float32))
