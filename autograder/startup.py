"""Imported first by the command lines, so that they start sooner."""

import sys

__all__: list[str] = []

# jsonschema, which nbformat imports, would compile the grammar of internationalised addresses: a second, at every
# start, for a format that no notebook's schema has. Without this module it does without.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
