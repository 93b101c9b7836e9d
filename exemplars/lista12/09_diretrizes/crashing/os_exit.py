# title = "os._exit mata o kernel na tarefa B"
# scores = {"model-b-test" = 0.0, "accuracy-test" = 0.0}
#
# %% [model-b]
import os
os._exit(1)
