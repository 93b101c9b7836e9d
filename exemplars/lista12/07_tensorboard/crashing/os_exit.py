# title = "O processo termina na célula das imagens"
# scores = {"images-test" = 0.0, "conclusions-test" = 0.0}
#
# %% [images]
import os
os._exit(0)
