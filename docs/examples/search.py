# %% given
import numpy as np
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV

X = np.arange(40.0).reshape(20, 2) ** 0.5
y = X[:, 0]
erro = "neg_mean_squared_error"
# %% right
search = GridSearchCV(Ridge(), {"alpha": [0.1, 1.0, 10.0]}, scoring=erro).fit(X, y)

check.search(search, kind="GridSearchCV", tried=3, hyperparameters=["alpha"])
# %% wrong
search = GridSearchCV(Ridge(), {"alpha": [0.1, 10.0]}, scoring=erro).fit(X, y)

check.search(search, kind="GridSearchCV", tried=3, hyperparameters=["alpha"])
