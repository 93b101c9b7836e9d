# title = "Compilado sem a acurácia"
# scores = {"compile-test" = 0.5}
#
# %% [compile]
model.compile(loss="sparse_categorical_crossentropy", optimizer="adam")
