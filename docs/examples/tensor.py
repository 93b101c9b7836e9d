# %% given
import tensorflow as tf
# %% right
A = tf.constant([[1, 2]], dtype=tf.float32)

check.tensor(A, shape=(1, 2), dtype="float32", title="Tensor A")
# %% wrong
A = tf.constant([[1, 2]])

check.tensor(A, shape=(1, 2), dtype="float32", title="Tensor A")
