# title = "include_optimizer=False"
# scores = {"optimizer-test" = 0.0, "inspect-test" = 0.0}
#
# %% [save]
model.save("modelo.h5", include_optimizer=False)
