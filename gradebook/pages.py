"""What all pages have in common: how templates are read, and how a file is written whole or not at all."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from autograder.errors import UsageError

__all__ = ["environment", "write_whole"]


@cache
def environment() -> Environment:
    """The templates of this package: what is put into them is escaped, and a missing value is an error."""
    return Environment(
        loader=PackageLoader("gradebook"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def write_whole(path: Path, content: str | bytes) -> Path:
    """Write a file and the folders on the way to it; whoever reads it meanwhile sees the old one or the new one.

    Raises:
        UsageError: It cannot be written.
    """
    data = content.encode("utf-8", "replace") if isinstance(content, str) else content
    partial = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(data)
        partial.replace(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from error
    return path
