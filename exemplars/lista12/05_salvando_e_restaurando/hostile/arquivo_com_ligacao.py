# title = "Um .h5 cujos pesos são uma ligação para outro arquivo"
# scores = {"save-test" = 0.6, "optimizer-test" = 0.0, "reload-test" = 0.0, "inspect-test" = 0.0}
#
# %% [save]
import h5py

model.save("outro.h5")
model.save("modelo.h5")
with h5py.File("modelo.h5", "a") as f:
    del f["optimizer_weights"]
    f["optimizer_weights"] = h5py.ExternalLink("outro.h5", "/optimizer_weights")
