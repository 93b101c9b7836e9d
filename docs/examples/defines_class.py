# %% given
from autograder.check.written import reading
# %% right
aluno = """
from tensorflow import keras as k
class Rede(k.Model):
    def call(self, X):
        return X
"""

with reading([aluno]):
    check.defines_class("Rede", base="keras.Model", methods=["call"])
# %% wrong
aluno = """
class Rede:
    def call(self, X):
        return X
"""

with reading([aluno]):
    check.defines_class("Rede", base="keras.Model", methods=["call"])
