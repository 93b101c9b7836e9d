# title = "Um laço que espera para sempre por uma TPU"
# scores = {"devices-test" = 0.0}
#
# %% [devices]
while not tf.config.list_logical_devices("TPU"):
    pass

dispositivos = [dispositivo.name for dispositivo in tf.config.list_logical_devices()]
