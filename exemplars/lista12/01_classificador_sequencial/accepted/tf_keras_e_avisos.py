# title = "import tensorflow as tf; muitas mensagens em stderr"
#
# %% [data]
import logging
import sys
import warnings

import tensorflow as tf

tf.get_logger().setLevel("DEBUG")
logging.basicConfig(level=logging.INFO)
print("lendo os dados", file=sys.stderr)
(X_train, y_train), (X_test, y_test) = tf.keras.datasets.fashion_mnist.load_data()
X_train, X_test = X_train / 255.0, X_test / 255.0
X_valid, y_valid = X_test, y_test
# %% [architecture]
warnings.warn("um aviso do aluno", stacklevel=1)
model = tf.keras.models.Sequential([
    tf.keras.layers.Flatten(input_shape=(28, 28)),
    tf.keras.layers.Dense(128, activation=tf.nn.relu),
    tf.keras.layers.Dense(64, activation=tf.nn.relu),
    tf.keras.layers.Dense(10, activation=tf.nn.softmax),
])
# %% [reload]
loaded_model = tf.keras.models.load_model("modelo.h5", custom_objects={"softmax_v2": tf.nn.softmax})
# %% [predict]
def prever(X):
    logging.info("prevendo %d imagens", len(X))
    print("aviso em stderr", file=sys.stderr)
    return model(tf.constant(X / 255.0, dtype=tf.float32))
# %% [+after predict]
logging.warning("fim")
