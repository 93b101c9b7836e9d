# %% given
import keras
import tensorflow as tf

model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(4)])
# %% right
with tf.summary.create_file_writer("my_logs/run_1").as_default():
    tf.summary.histogram("kernel", model.layers[0].kernel, step=0)

check.logged_histograms("my_logs", [model], steps_at_least=1)
# %% wrong
with tf.summary.create_file_writer("my_logs/run_1").as_default():
    tf.summary.scalar("epoch_loss", 0.5, step=0)  # histogram_freq=0

check.logged_histograms("my_logs", [model], steps_at_least=1)
