# title = "sys.exit() depois de treinar"
#
# %% [+after training]
import sys
sys.exit(0)
