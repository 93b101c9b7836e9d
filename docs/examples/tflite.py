# %% given
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(4)])
# %% right
converter = tf.lite.TFLiteConverter.from_keras_model(model)
Path("modelo.tflite").write_bytes(converter.convert())

check.tflite("modelo.tflite", model)
# %% wrong
model.save("modelo.keras")
Path("modelo.keras").rename("modelo.tflite")

check.tflite("modelo.tflite", model)
