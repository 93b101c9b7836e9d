# %% given
import numpy as np
import pandas as pd
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV

X = np.arange(40.0).reshape(20, 2) ** 0.5
search = GridSearchCV(Ridge(), {"alpha": [0.1, 10.0]}, scoring="neg_mean_squared_error")
search.fit(X, X[:, 0])
names = {"tried": "tentativas", "error": "mse", "seconds": "segundos"}
# %% right
row = {"tentativas": 2, "mse": -search.best_score_, "segundos": 3.0}
table = pd.DataFrame([row], index=["grade"])

check.search_table(table, {"grade": search}, **names)
# %% wrong
row = {"tentativas": 2, "mse": 0.5, "segundos": 3.0}
table = pd.DataFrame([row], index=["grade"])

check.search_table(table, {"grade": search}, **names)
