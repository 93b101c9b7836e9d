"""How few are too few: below this a statistic is about persons."""

__all__ = ["FEWEST"]

#: Statistics and comparisons are shown of so many students at least.
FEWEST = 10
