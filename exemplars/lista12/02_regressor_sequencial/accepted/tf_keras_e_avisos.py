# title = "import tensorflow as tf; muitas mensagens em stderr; função de custo por referência"
#
# %% [architecture]
import sys
import warnings

import tensorflow as tf

print("construindo", file=sys.stderr)
model = tf.keras.Sequential([
    tf.keras.layers.InputLayer(shape=(8,)),
    tf.keras.layers.Dense(40, activation=tf.nn.relu),
    tf.keras.layers.Dense(1),
])
# %% [compile]
model.compile(loss=keras.losses.mean_squared_error, optimizer=tf.keras.optimizers.Adam(0.005))
# %% [predict]
def prever(X):
    warnings.warn("prevendo", stacklevel=1)
    print("prevendo", len(X), file=sys.stderr)
    return tf.squeeze(model(tf.constant(scaler.transform(X), tf.float32)), axis=1)
