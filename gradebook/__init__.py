"""Keeps and explains grades: records in nbgrader's database, feedback reports for students."""
