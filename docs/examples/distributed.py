# %% given
import keras
import tensorflow as tf

strategy = tf.distribute.MirroredStrategy(["CPU:0"])
# %% right
with strategy.scope():
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])

check.distributed(model)
# %% wrong
model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])

check.distributed(model)
