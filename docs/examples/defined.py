# %% given
X_train = y_train = 0
# %% right
check.defined("X_train", "y_train")
# %% wrong
check.defined("X_train", "X_valid")
