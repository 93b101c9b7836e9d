"""What a feedback page draws: SVG that refers to nothing outside itself, its colours those of the page.

Drawn by hand: matplotlib takes a tenth of a second a picture, and a class has ten thousand of them.
"""

from gradebook.pictures.svg import Picture

__all__ = ["Picture"]
