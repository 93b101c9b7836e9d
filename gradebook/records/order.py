"""The order of names: one for both databases.

SQLite sorts texts by their bytes, as Python does; PostgreSQL as its database was told, often as a language does.
"""

from typing import Any

from sqlalchemy import String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

__all__ = ["by_bytes"]


class by_bytes(FunctionElement[str]):
    """For ``order_by``: a text column, sorted as Python sorts."""

    inherit_cache = True
    type = String()


@compiles(by_bytes)
def _plain(element: by_bytes, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses.clauses[0], **options))


@compiles(by_bytes, "postgresql")
def _collated(element: by_bytes, compiler: Any, **options: Any) -> str:
    return f'{_plain(element, compiler, **options)} COLLATE "C"'
