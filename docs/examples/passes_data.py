# %% given
from autograder.check.written import reading

splits = {"x": "X_train", "validation_data": ("X_valid", "y_valid")}
# %% right
aluno = "model.fit(X_train, y_train, validation_data=(X_valid, y_valid))"

with reading([aluno]):
    check.passes_data("fit", splits)
# %% wrong
aluno = "model.fit(X_train, y_train, validation_data=(X_train, y_train))"

with reading([aluno]):
    check.passes_data("fit", splits)
