# %% given
import numpy as np
import tensorflow as tf
# %% right
with tf.summary.create_file_writer("my_logs/images").as_default():
    tf.summary.image("amostras", np.zeros((5, 28, 28, 1)), step=0, max_outputs=5)

check.logged_images("my_logs", "amostras", at_least=5)
# %% wrong
with tf.summary.create_file_writer("my_logs/images").as_default():
    tf.summary.image("amostras", np.zeros((5, 28, 28, 1)), step=0)

check.logged_images("my_logs", "amostras", at_least=5)
