# title = "Softmax na saída e from_logits=True"
# scores = {"output-test" = 0.0}
#
# %% [compile]
model.compile(
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer="adam", metrics=["accuracy"]
)
