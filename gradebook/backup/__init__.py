"""Backups of a course: one file with all that grading made, and the way back."""
