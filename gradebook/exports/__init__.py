"""Grades as files that other programs load."""
