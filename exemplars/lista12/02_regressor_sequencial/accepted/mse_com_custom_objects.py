# title = "loss='mse' e métrica 'mae', recarregado com custom_objects"
#
# %% [compile]
model.compile(loss="mse", optimizer="adam", metrics=["mae"])
# %% [training]
history = model.fit(X_train, y_train, epochs=8, batch_size=64, validation_data=(X_valid, y_valid), verbose=0)
# %% [reload]
loaded_model = keras.models.load_model(
    "modelo.h5",
    custom_objects={"mse": keras.losses.MeanSquaredError(), "mae": keras.metrics.MeanAbsoluteError()},
)
