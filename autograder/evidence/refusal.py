"""The one way to turn down a file or a config that a student made."""

__all__ = ["Refused"]


class Refused(Exception):
    """What a student made is not read any further. It is the student's, never a bug of ours.

    Args:
        code: A stable name of the reason, for programs and tests: ``"lambda"``, ``"external-link"``.
        message: The same for people, in their language.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def __reduce__(self) -> tuple[type["Refused"], tuple[str, str]]:
        return type(self), (self.code, self.message)
