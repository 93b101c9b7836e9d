# %% given
import tensorflow as tf
# %% right
@tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
def dobro(x):
    return 2 * x

check.graph_function(dobro, [(tf.ones(n),) for n in (3, 4, 5)])
# %% wrong
@tf.function
def dobro(x):
    return 2 * x

check.graph_function(dobro, [(tf.ones(n),) for n in (3, 4, 5)], graphs_at_most=1)
