"""Objects of the student's kernel that the grader knows by a token: what cannot be data, and what is too large."""

from typing import Any

__all__ = ["Registry"]


class Registry:
    """Tokens for live objects.

    An object keeps its token. Large arrays are let go two exports after they were last seen, so that a
    student who frees memory frees it; everything else is small and stays.
    """

    def __init__(self) -> None:
        self._objects: dict[str, Any] = {}
        self._tokens: dict[int, str] = {}
        self._seen: dict[str, int] = {}
        self._values: dict[int, tuple[int, Any]] = {}
        self._serial = 0
        self._generation = 0

    def begin(self) -> None:
        """A new export begins."""
        self._generation += 1
        for token in [t for t, seen in self._seen.items() if seen < self._generation - 1]:
            del self._seen[token]
            self._tokens.pop(id(self._objects.pop(token)), None)

    def token(self, value: Any, *, large: bool = False) -> str:
        """The token of ``value``; ``large`` objects are not kept alive for long."""
        token = self._tokens.get(id(value))
        if token is None:
            self._serial += 1
            token = f"t{self._serial}"
            self._objects[token], self._tokens[id(value)] = value, token
        if large:
            self._seen[token] = self._generation
        return token

    def get(self, token: str) -> Any:
        """The object with this token.

        Raises:
            KeyError: There is none (any more).
        """
        return self._objects[token]

    def identities(self, values: dict[str, Any]) -> dict[str, int]:
        """A number for each value, the same as at the last export exactly if the object is the same."""
        kept = {}
        for value in values.values():
            known = self._values.get(id(value))
            if known is None:
                self._serial += 1
                known = (self._serial, value)
            kept[id(value)] = known
        self._values = kept
        return {name: kept[id(value)][0] for name, value in values.items()}
