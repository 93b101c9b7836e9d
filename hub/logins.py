"""Who may log in and how: the authenticator of each kind of login, and the passwords of a demo."""

import csv
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hub.membership import DATABASE, leavers
from hub.roster import Member
from hub.settings import Demo, Login, Native, OAuth, Settings, SettingsError

__all__ = ["configure", "first_passwords"]

#: Characters that nobody confuses when typing a password from a screen.
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"


def first_passwords(file: Path, roster: Sequence[Member]) -> dict[str, str]:
    """Everybody's first password by login; who has none yet gets one.

    Args:
        file: Where they are kept, readable by the hub's account alone.
        roster: Everybody.

    Raises:
        SettingsError: The file can be read by others, or not at all.
    """
    known: dict[str, str] = {}
    try:
        if file.exists():
            if file.stat().st_mode & 0o077:
                raise SettingsError(f"{file} holds passwords and others may read it: chmod 600 {file}")
            known = {row[0]: row[1] for row in csv.reader(file.read_text().splitlines()) if len(row) == 2}
        found = {
            member.id: known.get(member.id)
            or "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(2))
            for member in roster
        }
        if found != known:
            with open(file, "w", opener=lambda path, flags: os.open(path, flags, 0o600), newline="") as out:
                csv.writer(out).writerows(found.items())
    except OSError as error:
        raise SettingsError(f"The first passwords, {file}: {error.strerror}.") from error
    return found


def configure(c: Any, settings: Settings, roster: Sequence[Member]) -> None:
    """Set the authenticator. Only who is on the roster may log in, whoever vouches for them."""
    login: Login = settings.login
    c.Authenticator.allowed_users = {member.id for member in roster}
    c.Authenticator.allow_all = False
    c.Authenticator.allow_existing_users = False
    # Sessions and tokens of who has left end as well.
    c.Authenticator.blocked_users = leavers(settings.folder("state") / DATABASE, roster)
    if isinstance(login, Demo):
        c.JupyterHub.authenticator_class = "hub.demo.DemoAuthenticator"
        c.DemoAuthenticator.passwords = first_passwords(settings.folder("state") / "demo-passwords.csv", roster)
    elif isinstance(login, Native):
        c.JupyterHub.authenticator_class = "hub.native.RosterNative"
        c.RosterNative.first_passwords = first_passwords(settings.folder("state") / "first-passwords.csv", roster)
        c.RosterNative.minimum_password_length = login.minimum
        c.RosterNative.check_common_password = True
        c.RosterNative.allowed_failed_logins = login.attempts
    elif isinstance(login, OAuth):
        c.JupyterHub.authenticator_class = "generic-oauth"
        c.GenericOAuthenticator.client_id = login.client_id
        c.GenericOAuthenticator.client_secret = login.client_secret.read()
        c.GenericOAuthenticator.authorize_url = login.authorize_url
        c.GenericOAuthenticator.token_url = login.token_url
        c.GenericOAuthenticator.userdata_url = login.userdata_url
        c.GenericOAuthenticator.username_claim = login.username_claim
        c.GenericOAuthenticator.scope = list(login.scope)
        c.GenericOAuthenticator.oauth_callback_url = login.callback_url
        c.GenericOAuthenticator.login_service = login.button
    else:
        c.JupyterHub.authenticator_class = "pam"
