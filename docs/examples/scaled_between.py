# %% right
check.scaled_between([0.0, 0.5, 1.0], title="Pixels entre 0 e 1")
# %% wrong
check.scaled_between([0, 128, 255], title="Pixels entre 0 e 1", hint="Divida por 255.")
