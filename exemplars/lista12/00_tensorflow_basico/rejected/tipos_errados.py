# title = "int64, reshape no lugar de transpose, produto elemento a elemento, constante no lugar de variável"
# scores = {"tensors-test" = 0.0}
#
# %% [tensors]
A = tf.constant(np.arange(12).reshape(3, 4))
B = tf.cast(tf.reshape(A, (4, 3)), tf.float32)
C = tf.cast(A, tf.float32) * tf.cast(A, tf.float32)
pesos = tf.zeros((3, 1))
