# title = "Erro absoluto médio como função de custo"
# scores = {"compile-test" = 0.0}
#
# %% [compile]
model.compile(loss="mean_absolute_error", optimizer=keras.optimizers.Adam(learning_rate=0.005))
