"""Tells what became of grades: who changed what and when, what students asked, and what they were answered."""
