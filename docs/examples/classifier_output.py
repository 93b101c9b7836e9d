# %% given
import keras
from keras import layers
# %% right
model = keras.Sequential([keras.Input((4,)), layers.Dense(10, activation="softmax")])
model.compile(loss="sparse_categorical_crossentropy")

check.classifier_output(model)
# %% wrong
model = keras.Sequential([keras.Input((4,)), layers.Dense(10)])
model.compile(loss="sparse_categorical_crossentropy")

check.classifier_output(model)
