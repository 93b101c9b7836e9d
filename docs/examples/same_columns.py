# %% given
import numpy as np

X = np.random.default_rng(0).normal(size=(50, 8))
# %% right
X_B = X[:, 2:]

check.same_columns(X_B, X, range(2, 8))
# %% wrong
X_B = X[:, 1:7]

check.same_columns(X_B, X, range(2, 8))
