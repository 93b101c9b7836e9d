# %% given
import keras
from keras.layers import Dense

model_A = keras.Sequential([keras.Input((8,)), Dense(6, "relu"), Dense(3)])
# %% right
model_B = keras.Sequential([*model_A.layers[:-1], Dense(1)])
model_B.layers[0].trainable = False
model_B.build((None, 8))

check.reused_layers(model_B, model_A, at_least=1, frozen=True)
# %% wrong
model_B = keras.Sequential([keras.Input((8,)), Dense(6, "relu"), Dense(1)])

check.reused_layers(model_B, model_A, at_least=1, frozen=True)
