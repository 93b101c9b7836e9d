"""How points become a grade: late penalties, which submission counts, weights, drops, extensions, groups."""
