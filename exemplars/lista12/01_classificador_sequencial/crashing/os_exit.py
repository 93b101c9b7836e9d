# title = "os._exit mata o kernel antes de salvar"
# scores = {"saving-test" = 0.0, "reload-test" = 0.0, "accuracy-test" = 0.0}
#
# %% [saving]
import os
os._exit(1)
