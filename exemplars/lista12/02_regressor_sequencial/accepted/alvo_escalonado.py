# title = "Rótulo também escalonado, desfeito em prever; MinMaxScaler"
#
# %% [data]
from sklearn.preprocessing import MinMaxScaler

housing = fetch_california_housing(as_frame=True)
X_train_full, X_test, y_train_full, y_test = train_test_split(
    housing.data.values, housing.target.values, test_size=0.2, random_state=42)
X_train, X_valid, y_train, y_valid = train_test_split(X_train_full, y_train_full, test_size=0.2, random_state=42)
escala_x, escala_y = StandardScaler().fit(X_train), MinMaxScaler().fit(y_train.reshape(-1, 1))
X_train, X_valid = escala_x.transform(X_train), escala_x.transform(X_valid)
y_train, y_valid = (escala_y.transform(y.reshape(-1, 1)) for y in (y_train, y_valid))
# %% [predict]
def prever(X):
    return escala_y.inverse_transform(model.predict(escala_x.transform(X), verbose=0))
