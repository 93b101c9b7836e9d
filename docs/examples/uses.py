# %% given
from autograder.check.written import reading
# %% right
aluno = "from keras.callbacks import EarlyStopping as E\nparada = E()"

with reading([aluno]):
    check.uses("keras.callbacks.EarlyStopping")
# %% wrong
aluno = "parada = None"

with reading([aluno]):
    check.uses("keras.callbacks.EarlyStopping")
