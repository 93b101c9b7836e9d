# %% given
import numpy as np

images = np.arange(256).repeat(2).reshape(32, 16)
X_valid, y_valid = images / 255, images.mean(axis=1) > 127


def model(X):
    brightness = X.mean(axis=1)
    return np.stack([1 - brightness, brightness], axis=1)
# %% right
def prever(X):
    return model(X / 255)


check.same_preparation(prever, model, X_valid, y_valid)
# %% wrong
def prever(X):
    return model(X)


check.same_preparation(prever, model, X_valid, y_valid)
