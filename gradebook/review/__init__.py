"""How people read essays: who reads what, with which rubric, and how far two readers agree."""
