"""Roster, groups and what each role may do."""

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from hub import accounts, jupyter, roles
from hub.kubernetes import account_numbers
from hub.logins import first_passwords
from hub.membership import forget_groups, leavers
from hub.roster import Member, read_roster
from hub.settings import Settings, SettingsError, read_settings
from hub.spawners import form, options_from_form, overrides, spawner, visible

EXAMPLES = Path(__file__).parents[2] / "hub" / "examples"
PEOPLE = read_roster(EXAMPLES / "roster.csv")
HEAD = "id,first_name,last_name,email,role\n"


@pytest.fixture(params=["local.toml", "gpu-server.toml"])
def settings(request: pytest.FixtureRequest) -> Settings:
    return read_settings(EXAMPLES / request.param)


def roster(tmp_path: Path, text: str, **how: str) -> tuple[Member, ...]:
    path = tmp_path / "roster.csv"
    path.write_text(text, **how)
    return read_roster(path)


def test_a_spreadsheets_csv(tmp_path: Path) -> None:
    """Semicolons, a byte-order mark, other columns, empty lines."""
    text = (
        "matricula;id;first_name;last_name;email;role\n1;ana;Ana;Souza;;student\n;;;;;\n2;rui;Rui;Sá;;instructor\n"
    )
    found = roster(tmp_path, text, encoding="utf-8-sig")
    assert [(m.id, m.last_name, m.role) for m in found] == [
        ("ana", "Souza", "student"), ("rui", "Sá", "instructor"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("id,role\nana,student\n", "lacks the column first_name"),
        (HEAD + "Ana,A,S,,student\nrui,R,S,,instructor\n", "line 2: id 'Ana'"),
        (HEAD + "a+b,A,S,,student\nrui,R,S,,instructor\n", "line 2"),
        (HEAD + "ana,A,S,,student\nana,A,S,,ta\nrui,R,S,,instructor\n", "line 3: id 'ana' is there twice"),
        (HEAD + "ana,A,S,,aluna\nrui,R,S,,instructor\n", "role 'aluna'"),
        (HEAD + "ana,A,S,,student\n", "no instructor"),
    ],
)
def test_a_wrong_roster_is_told_the_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        roster(tmp_path, text)


def test_students_are_in_no_group_that_opens_formgrader(settings: Settings) -> None:
    groups = roles.groups(settings, PEOPLE)
    students = {m.id for m in PEOPLE if m.role == "student"}
    assert set(groups["nbgrader-tp555"]["users"]) == students
    assert set(groups["formgrade-tp555"]["users"]) == {m.id for m in PEOPLE} - students
    for role in roles.roles(settings):
        opens = any("access:services" in scope for scope in role["scopes"])
        assert not opens or role["groups"] == ["formgrade-tp555"]


def test_a_users_token_reaches_its_own_server_and_nothing_of_others() -> None:
    for scope in roles.user_scopes():
        assert scope.endswith(("!user", "!server")) or scope in ("list:services", "read:services")


def test_formgrader_knows_nothing_of_the_hubs_environment(settings: Settings) -> None:
    service = roles.formgrader(settings, ["jupyterhub-singleuser"], {"HOME": "/x"})
    assert service["environment"] == {"HOME": "/x"}
    assert service["url"].startswith("http://127.0.0.1:")


def test_formgrader_is_never_root_and_keeps_one_right(settings: Settings) -> None:
    """A port below 1024, which no student's process can take."""
    command = roles.formgrader(settings, ["jupyterhub-singleuser"], {})["command"]
    assert command[0] == "setpriv"
    assert {"--reuid=tp555-grader", "--regid=tp555-grader", "--clear-groups", "--no-new-privs"} <= set(command)
    rights = [word.partition("=")[2] for word in command if "caps" in word or "bounding" in word]
    assert rights == ["-all,+net_bind_service"] * 3
    assert settings.course.port < 1024


def test_who_left_is_blocked_and_groups_are_filled_anew(tmp_path: Path) -> None:
    """JupyterHub's database remembers; its configuration alone only ever adds people."""
    database = tmp_path / "jupyterhub.sqlite"
    assert leavers(database, PEOPLE) == set()
    forget_groups(database, ["formgrade-tp555"])
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.executescript(
            """
            CREATE TABLE users (id INTEGER, name TEXT);
            CREATE TABLE groups (id INTEGER, name TEXT);
            CREATE TABLE user_group_map (user_id INTEGER, group_id INTEGER);
            INSERT INTO users VALUES (1, 'teresa'), (2, 'zeca'), (3, 'ana');
            INSERT INTO groups VALUES (1, 'formgrade-tp555'), (2, 'others');
            INSERT INTO user_group_map VALUES (1, 1), (2, 1), (3, 2);
            """
        )
    assert leavers(database, PEOPLE) == {"zeca"}
    forget_groups(database, ["formgrade-tp555"])
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("SELECT * FROM user_group_map").fetchall() == [(3, 2)]


def test_the_page_of_profiles_offers_what_somebody_may_have() -> None:
    gpu = read_settings(EXAMPLES / "gpu-server.toml").profiles
    page = form(gpu)
    assert page.count('type="radio"') == 2
    assert page.count("checked") == 1
    assert options_from_form({"profile": ["gpu"]}) == {"profile": "gpu"}
    assert options_from_form({}) == {}


@pytest.mark.parametrize(
    ("role", "there"),
    [
        (jupyter.STUDENT, {"nbgrader.server_extensions.formgrader": False, "autograder.formgrader": None}),
        (jupyter.TEACHER, {"nbgrader.server_extensions.formgrader": False, "autograder.formgrader": None}),
        (jupyter.GRADER, {"nbgrader.server_extensions.formgrader": False, "autograder.formgrader": True}),
    ],
)
def test_only_the_grader_has_formgrader(settings: Settings, role: str, there: dict[str, bool | None]) -> None:
    import json

    files = jupyter.config_files(settings, role)
    server = json.loads(files["jupyter_server_config.json"])["ServerApp"]
    assert server["terminado_settings"]["shell_command"] == ["/bin/bash"]  # a login shell forgets PATH
    extensions = server["jpserver_extensions"]
    assert {name: extensions.get(name) for name in there} == there
    disabled = json.loads(files["labconfig/page_config.json"])["disabledExtensions"]
    assert ("@jupyter/nbgrader:formgrader" in disabled) == (role != jupyter.GRADER)
    compile(files["nbgrader_config.py"], "nbgrader_config.py", "exec")


def test_who_sees_which_profile() -> None:
    settings = read_settings(EXAMPLES / "gpu-server.toml")
    for member in PEOPLE:
        names = [profile.name for profile in visible(settings.profiles, member)]
        assert names == (["cpu"] if member.role == "student" else ["cpu", "gpu"])
    assert [p.name for p in visible(settings.profiles, None)] == ["cpu"]


def test_a_profile_limits_its_server() -> None:
    settings = read_settings(EXAMPLES / "gpu-server.toml")
    cpu, gpu = settings.profiles
    assert overrides(settings, cpu) == {
        "cpu_limit": 2.0, "mem_limit": "4G", "environment": {"CUDA_VISIBLE_DEVICES": ""},
    }  # fmt: skip
    assert overrides(settings, gpu)["environment"] == {"CUDA_VISIBLE_DEVICES": "0"}


def test_servers_under_systemd_cannot_look_into_the_course() -> None:
    settings = read_settings(EXAMPLES / "gpu-server.toml")
    unit = spawner(settings)["SystemdSpawner"]["unit_extra_properties"]
    assert "/srv/tp555/course" in unit["InaccessiblePaths"]
    assert "/srv/tp555/state" in unit["InaccessiblePaths"]


@pytest.mark.skipif(os.geteuid() != 0, reason="gives files to accounts")
def test_a_course_outlives_its_accounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What removed accounts leave is root's, and a new grader's again; never what a link of theirs leads to."""
    settings = read_settings(EXAMPLES / "local.toml").model_copy(update={"home": tmp_path / "hub"})
    old, new, others = 12_345, 12_346, tmp_path / "others"
    others.write_text("of somebody else")
    os.chown(others, 777, 777)
    monkeypatch.setattr(accounts, "account", lambda name: accounts.Account(name, old, old, tmp_path))
    accounts.make_folders(settings)
    course, inbound = tmp_path / "hub/course", tmp_path / "hub/exchange/tp555/inbound/ana+lista12+x"
    inbound.mkdir()
    (course / "lists").mkdir()
    (course / "lists" / "lista12.toml").write_text("")
    (course / "link").symlink_to(others)
    for path in (course / "lists", course / "lists" / "lista12.toml", course / "link", inbound):
        os.chown(path, old, old, follow_symlinks=False)
    accounts._give(settings.home, {old}, 0, 0)
    assert {path.lstat().st_uid for path in settings.home.rglob("*")} == {0}
    monkeypatch.setattr(accounts, "account", lambda name: accounts.Account(name, new, new, tmp_path))
    accounts.make_folders(settings)
    assert {path.lstat().st_uid for path in course.rglob("*")} == {new}
    assert inbound.stat().st_uid == 0
    assert others.stat().st_uid == 777


def test_a_quota_for_everybody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the machine's own program; a file system without quotas is told, with what to do."""
    said: list[list[str]] = []

    def run(command: Sequence[str], **how: object) -> CompletedProcess[str]:
        said.append(list(command))
        return CompletedProcess(
            command, int("bruno" in command), "", "Mountpoint not found or has no quota enabled."
        )

    monkeypatch.setattr(accounts.subprocess, "run", run)
    settings = read_settings(EXAMPLES / "local.toml").model_copy(update={"home": tmp_path})
    accounts.limit_disk(settings, PEOPLE)
    assert said == []
    settings = settings.model_copy(update={"quota": "10G"})
    with pytest.raises(SettingsError, match=r"(?s)'10G' could not be set.*no quota enabled.*usrquota"):
        accounts.limit_disk(settings, PEOPLE)
    mount = next(p for p in (tmp_path, *tmp_path.parents) if p.is_mount())
    assert said[0] == ["setquota", "-u", "ana", "0", "10485760", "0", "500000", str(mount)]


def test_first_passwords_are_each_persons_own_and_stay(tmp_path: Path) -> None:
    file = tmp_path / "passwords.csv"
    first = first_passwords(file, PEOPLE[:2])
    again = first_passwords(file, PEOPLE)
    assert len(set(again.values())) == len(PEOPLE)
    assert {name: again[name] for name in first} == first
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        first_passwords(file, PEOPLE)


def test_account_numbers_stay_whoever_else_comes() -> None:
    few, all_of_them = account_numbers(PEOPLE[:2]), account_numbers(PEOPLE)
    assert {name: all_of_them[name] for name in few} == few
    assert len(set(all_of_them.values())) == len(PEOPLE)
