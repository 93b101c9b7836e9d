# %% given
import keras
# %% right
class Rede(keras.Model):
    pass

check.subclass(Rede, "keras.Model")
# %% wrong
class Rede:
    pass

check.subclass(Rede, "keras.Model")
