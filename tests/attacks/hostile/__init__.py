"""Hostile submissions, by family; ``catalogue`` has them all."""
