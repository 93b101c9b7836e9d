# %% given
import keras
import numpy as np

X, y = np.ones((32, 2)), np.ones(32)
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
model.compile(loss="mean_squared_error", optimizer="adam")
model.fit(X, y, verbose=0)
# %% right
model.save("modelo.h5")

check.h5_optimizer("modelo.h5", model, optimizer="adam", steps=1)
# %% wrong
model.save("modelo.h5", include_optimizer=False)

check.h5_optimizer("modelo.h5", model, optimizer="adam", steps=1)
