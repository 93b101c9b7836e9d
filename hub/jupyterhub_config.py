"""JupyterHub's configuration: everything is in the settings that the variable TP555_HUB names."""

from hub.configure import configure

configure(get_config())  # type: ignore[name-defined]  # noqa: F821  (given by traitlets)
