"""The login of a hub that is only tried out."""

from collections.abc import Mapping
from hmac import compare_digest
from typing import Any

from jupyterhub.auth import Authenticator
from traitlets import Dict

__all__ = ["DemoAuthenticator"]


class DemoAuthenticator(Authenticator):  # type: ignore[misc]
    """A password for each person, given as configuration. For the loopback interface."""

    passwords = Dict(help="Password by login.").tag(config=True)

    async def authenticate(self, handler: Any, data: Mapping[str, str]) -> str | None:
        """The login, if the password is theirs."""
        known = self.passwords.get(data["username"], "")
        right = compare_digest(known.encode(), data["password"].encode())
        return data["username"] if known and right else None
