# %% given
import tensorflow as tf

history = {"loss": [0.9, 0.5]}
# %% right
with tf.summary.create_file_writer("my_logs/run_1").as_default():
    tf.summary.scalar("epoch_loss", 0.9, step=0)
    tf.summary.scalar("epoch_loss", 0.5, step=1)

check.tensorboard("my_logs", history, series=["loss"])
# %% wrong
with tf.summary.create_file_writer("my_logs/run_1").as_default():
    tf.summary.scalar("epoch_loss", 0.7, step=0)  # de outro treinamento
    tf.summary.scalar("epoch_loss", 0.6, step=1)

check.tensorboard("my_logs", history, series=["loss"])
