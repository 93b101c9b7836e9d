"""The one file that says how a hub is run, read and checked once: ``Settings``.

Everything that differs between a laptop, a GPU server and a cluster is in there; the rest of ``hub`` turns it into
JupyterHub's own settings. Secrets are never in it: where one is needed, it names a variable or a file.
"""

import os
import tomllib
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

__all__ = [
    "Course", "Demo", "Docker", "Hub", "Idle", "Kubernetes", "Local", "Login", "Native", "OAuth", "Profile",
    "Secret", "Settings", "SettingsError", "SystemAccounts", "Systemd", "read_settings",
]  # fmt: skip

#: What a name of a course, a group or a profile may be: it becomes part of paths, groups and URLs.
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
#: Memory as JupyterHub writes it.
Memory = Annotated[str, Field(pattern=r"^[1-9][0-9]*[KMGT]$")]


class SettingsError(Exception):
    """The settings cannot be used; the message names the file, the field and the remedy."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Secret(_Part):
    """Where a secret is: in an environment variable or in a file, never here.

    Args:
        env: Name of the variable.
        file: Path of a file that holds nothing else.
    """

    env: str | None = None
    file: Path | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.env is None) == (self.file is None):
            raise ValueError('say where the secret is: either env = "NAME" or file = "/path"')
        return self

    def read(self) -> str:
        """The secret itself.

        Raises:
            SettingsError: It is not there, is empty, or others may read its file.
        """
        if self.env is not None:
            value = os.environ.get(self.env, "")
            if not value:
                raise SettingsError(
                    f"The environment variable {self.env} is not set: it holds a secret of the hub."
                )
            return value
        assert self.file is not None
        try:
            mode = self.file.stat().st_mode
            value = self.file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise SettingsError(f"{self.file}, which holds a secret of the hub: {error.strerror}.") from error
        if mode & 0o077:
            raise SettingsError(f"{self.file} holds a secret and others may read it: chmod 600 {self.file}")
        if not value:
            raise SettingsError(f"{self.file} holds a secret of the hub and is empty.")
        return value


class Course(_Part):
    """The course that is taught.

    Args:
        id: Its name in nbgrader and in URLs.
        grader: The account that grades; formgrader runs as it.
        port: Where formgrader listens on the loopback interface: below 1024, so that no student's process can take
            it, and with it what teachers' browsers send there.
        language: JupyterLab's, until somebody chooses another.
    """

    id: Name = "tp555"
    grader: str = Field("tp555-grader", pattern=r"^[a-z][a-z0-9-]{0,30}$")
    port: int = Field(555, ge=1, lt=1024)
    language: Literal["pt_BR", "en"] = "pt_BR"


class Hub(_Part):
    """The hub itself.

    Args:
        bind: URL on which the proxy listens.
        domain: The host name under which each person's server has one of its own (``ana.hub.example.edu``): DNS
            and certificate hold ``*.hub.example.edu`` too. Else whatever a student's server sends runs, in the
            browser of whoever opens it, as a page of the hub. Only a hub that nobody else reaches can do without.
        certificate: TLS certificate of the proxy; without one, something in front of it must end TLS.
        key: Its key, by reference.
        ports: Two ports of the hub's own on the loopback interface, below 1024 as well: its API, and the proxy's.
    """

    bind: str = Field("http://127.0.0.1:8000", pattern=r"^https?://[^/]+(/.*)?$")
    domain: str | None = Field(None, pattern=r"^[a-z0-9.-]+$")
    ports: tuple[int, int] = (581, 582)
    certificate: Path | None = None
    key: Path | None = None

    @model_validator(mode="after")
    def _tls(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key belong together: give both, or neither")
        if not self.loopback and self.domain is None:
            raise ValueError(
                "students' servers need host names of their own: set domain, with DNS and certificate for *.domain"
            )
        if any(not 0 < port < 1024 for port in self.ports):
            raise ValueError("ports: both are below 1024, where no student's process can listen")
        if self.bind.startswith("https") and self.certificate is None:
            raise ValueError("an https address needs certificate and key")
        return self

    @property
    def listens(self) -> int:
        """The proxy's port."""
        parts = urlsplit(self.bind)
        return parts.port or (443 if parts.scheme == "https" else 80)

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach it."""
        host = self.bind.split("://", 1)[1].split("/", 1)[0].rsplit(":", 1)[0]
        return host in ("127.0.0.1", "localhost", "[::1]")


class Demo(_Part):
    """Logins for trying the hub: a password for each person, made by the hub and shown by ``make hub``.

    Only where the hub listens on the loopback interface.
    """

    kind: Literal["demo"]


class SystemAccounts(_Part):
    """The accounts of this machine, by PAM."""

    kind: Literal["system-accounts"]


class Native(_Part):
    """Everybody of the roster signs up with a password of their own; the hub keeps its hash.

    Args:
        minimum: Characters of a password.
        attempts: Failed logins before an account rests.
    """

    kind: Literal["native"]
    minimum: int = Field(12, ge=8)
    attempts: int = Field(5, ge=1)


class OAuth(_Part):
    """The university's OAuth 2 or OpenID Connect provider.

    Args:
        client_id: As the provider knows this hub.
        client_secret: What it gave in return.
        authorize_url: Where a browser goes.
        token_url: Where the hub trades a code for a token.
        userdata_url: Where it asks who that is.
        username_claim: The field that is the roster's ``id``.
        callback_url: This hub's address ending in ``/hub/oauth_callback``.
    """

    kind: Literal["oauth"]
    client_id: str
    client_secret: Secret
    authorize_url: str = Field(pattern=r"^https://")
    token_url: str = Field(pattern=r"^https://")
    userdata_url: str = Field(pattern=r"^https://")
    username_claim: str = "preferred_username"
    scope: tuple[str, ...] = ("openid", "profile", "email")
    callback_url: str = Field(pattern=r"^https://.*/hub/oauth_callback$")
    button: str = "Inatel"


Login = Annotated[Demo | SystemAccounts | Native | OAuth, Field(discriminator="kind")]


class Profile(_Part):
    """What a student can choose on the spawn page.

    Args:
        name: In URLs and logs.
        title: On the page.
        text: One line below it.
        cpus: Cores.
        memory: At most; a server that needs more is ended.
        gpus: Whole GPUs, or 0.
        slice: A part of a GPU by its resource name in Kubernetes (``nvidia.com/mig-1g.10gb``, or the name that
            time-slicing gives) or by the UUID of a MIG device on one server.
        default: Whether it is chosen already.
        roles: Who sees it.
        image: Container image; the spawner's own if not given.
    """

    name: Name
    title: str
    text: str = ""
    cpus: float = Field(gt=0)
    memory: Memory
    gpus: int = Field(0, ge=0)
    slice: str | None = None
    default: bool = False
    roles: tuple[Literal["student", "ta", "instructor"], ...] = ("student", "ta", "instructor")
    image: str | None = None

    @model_validator(mode="after")
    def _gpu(self) -> Self:
        if self.gpus and self.slice:
            raise ValueError("a profile has whole GPUs or a slice of one, not both")
        return self


class Local(_Part):
    """Servers as ordinary processes of this machine's accounts."""

    kind: Literal["local"]


class Systemd(_Part):
    """Servers as transient systemd units of this machine's accounts: limits by control groups, private /tmp."""

    kind: Literal["systemd"]


class Docker(_Part):
    """Servers as containers on this machine, each as its owner's account of this machine.

    Args:
        image: What students run.
        network: A bridge network of Docker.
        address: This machine's address on that network, where containers reach the hub.
    """

    kind: Literal["docker"]
    image: str
    network: str = "tp555"
    address: str


class Kubernetes(_Part):
    """Servers as pods, the hub installed by Zero to JupyterHub.

    Args:
        image: What students run.
        namespace: Where.
        storage_class: Of homes; the cluster's default if not given.
        home: Size of a home.
        node_label: Nodes with this label, ``true``, run students' servers; grading never does there.
        shared: A claim of a volume that many pods may write to at once, with two folders: ``exchange``,
            nbgrader's, and ``data``, the data sets.
    """

    kind: Literal["kubernetes"]
    image: str
    namespace: Name = "tp555"
    storage_class: str | None = None
    home: str = Field("10Gi", pattern=r"^[1-9][0-9]*[MGT]i$")
    node_label: str = "tp555/students"
    shared: Name = "tp555-shared"


Spawner = Annotated[Local | Systemd | Docker | Kubernetes, Field(discriminator="kind")]


class Idle(_Part):
    """When servers that nobody uses are ended, and how many may run.

    Args:
        minutes: Of no activity; a kernel that computes is activity.
        hours: The longest that a server may live; ``None`` for no end.
        servers: At once, on the whole hub.
        starting: At once being started; whoever comes then is told to try again in a minute.
        seconds: A server may take to start.
    """

    minutes: int = Field(60, ge=5)
    hours: int | None = Field(12, ge=1)
    servers: int = Field(100, ge=1)
    starting: int = Field(100, ge=1)
    seconds: int = Field(120, ge=10)


class Settings(_Part):
    """A hub.

    Args:
        home: The folder below which everything of the hub lies, each part readable by those whom it concerns:

            ``roster.csv``
                people and roles; the hub and the grader read it
            ``course``
                sources with hidden tests, submissions, gradebook; only the grader may enter
            ``exchange``
                nbgrader's exchange, where students fetch and submit
            ``state``
                the hub's database and secrets; only the hub's account may enter
            ``etc``
                Jupyter's and nbgrader's settings for each role
            ``data``
                the data sets, for everybody to read
            ``env``
                the virtual environment of users' servers and of the grader
        quota: What each person may keep on the file system of ``home``: their files, and what lies in the
            exchange. It needs that file system's user quotas; on Kubernetes it is ``spawner.home``.
    """

    home: Path
    quota: Memory | None = None
    course: Course = Course()
    hub: Hub = Hub()
    login: Login
    spawner: Spawner
    profiles: tuple[Profile, ...] = Field(min_length=1)
    idle: Idle = Idle()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        names = [profile.name for profile in self.profiles]
        if len(set(names)) < len(names):
            raise ValueError("two profiles have the same name")
        if sum(profile.default for profile in self.profiles) != 1:
            raise ValueError("exactly one profile must be the default")
        if isinstance(self.login, Demo) and not self.hub.loopback:
            raise ValueError(
                "demo logins are for trying the hub on one machine: bind it to 127.0.0.1, or choose another login"
            )
        if self.quota is not None and isinstance(self.spawner, Kubernetes):
            raise ValueError("quota: on Kubernetes the size of a home is spawner.home")
        if not isinstance(self.login, Demo) and self.hub.listens >= 1024:
            raise ValueError(
                f"bind: any student's process can take port {self.hub.listens} while the hub starts again, and "
                "with it everybody's password: choose one below 1024, as http://127.0.0.1:80 behind a TLS proxy"
            )
        if not self.home.is_absolute():
            raise ValueError(f"home: {self.home} is not an absolute path")
        return self

    def folder(self, name: Literal["course", "exchange", "state", "etc", "data", "env"]) -> Path:
        """One of the folders below ``home``."""
        return self.home / name

    @property
    def roster(self) -> Path:
        """The file of people and roles."""
        return self.home / "roster.csv"


def read_settings(path: Path) -> Settings:
    """Parse and check a file of settings.

    Raises:
        SettingsError: It is missing, no TOML, or a field is missing, unknown or wrong; all wrong fields are named.
    """
    try:
        parsed = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"The hub's settings {path}: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"The hub's settings {path} are not valid TOML: {error}.") from error
    try:
        return Settings.model_validate(parsed)
    except ValidationError as error:
        lines = []
        for problem in error.errors():
            where = ".".join(str(part) for part in problem["loc"]) or "the file"
            lines.append(f"  {where}: {problem['msg'].removeprefix('Value error, ')}")
        raise SettingsError("\n".join([f"The hub's settings {path} cannot be used:", *lines])) from error
