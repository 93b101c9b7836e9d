"""Logins with a password of one's own, for who is on the roster and nobody else."""

from typing import Any

import bcrypt
from nativeauthenticator import NativeAuthenticator
from nativeauthenticator.orm import UserInfo
from traitlets import Dict

__all__ = ["RosterNative"]


class RosterNative(NativeAuthenticator):  # type: ignore[misc]
    """nativeauthenticator without its page for signing up.

    There, whoever comes first takes any name of the roster, an instructor's too. Here everybody starts with a
    password that the operator hands out, and changes it at ``/hub/change-password``.
    """

    first_passwords = Dict(help="By login; only for who has none yet.").tag(config=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.enable_signup = False
        for login, password in self.first_passwords.items():
            if not self.user_exists(login):
                hashed = bcrypt.hashpw(password.encode(), bcrypt.gensalt())
                self.db.add(UserInfo(username=login, password=hashed, is_authorized=True))
        self.db.commit()
