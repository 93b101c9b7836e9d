"""Its presence puts this folder on the path; the courses of the other tests are used here as well."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "autograder"))
