"""What protects students from one another."""

__all__ = ["FEWEST"]

#: Of fewer students nothing is compared: of a small class a band tells who is where.
FEWEST = 10
