# %% given
from autograder.check.written import reading
# %% right
aluno = "history = model.fit(X, y, epochs=9, callbacks=[parada])"

with reading([aluno]):
    check.passes("fit", "callbacks")
# %% wrong
aluno = "history = model.fit(X, y, epochs=9)"

with reading([aluno]):
    check.passes("fit", "callbacks")
