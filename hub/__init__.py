"""JupyterHub for the course: one settings file, one machine or a cluster."""
