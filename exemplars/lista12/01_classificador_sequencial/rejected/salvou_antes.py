# title = "Salvou antes de treinar"
# scores = {"saving-test" = 0.25}
#
# %% [compile]
model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
model.save("modelo.h5")
# %% [saving]
# já salvei acima
