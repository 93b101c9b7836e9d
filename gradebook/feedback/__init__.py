"""What goes back to a student: a page a notebook, and one of the whole list."""
