# title = "sys.exit na célula de dispositivos"
# scores = {"devices-test" = 0.0}
#
# %% [devices]
import sys

sys.exit("não há GPU nesta máquina")
