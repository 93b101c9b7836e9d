# title = "Salvou antes de treinar"
# scores = {"saving-test" = 0.25}
#
# %% [compile]
model.compile(loss="mean_squared_error", optimizer=keras.optimizers.Adam(learning_rate=0.005))
model.save("modelo.h5")
# %% [saving]
# já salvei acima
