"""Its presence puts this folder on the path: tests in the folders below build their courses with ``courses``."""
