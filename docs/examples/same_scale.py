# %% given
import numpy as np

X = np.random.default_rng(0).integers(0, 256, size=(100, 20))
# %% right
X_train, X_valid = X[:50] / 255.0, X[50:] / 255.0

check.same_scale(X_train, X_valid)
# %% wrong
X_train, X_valid = X[:50] / 255.0, X[50:]

check.same_scale(X_train, X_valid)
