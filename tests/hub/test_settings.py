"""The hub's settings: what a file says, and what is said of a wrong one."""

import re
from pathlib import Path

import pytest

from hub.settings import Secret, Settings, SettingsError, read_settings

EXAMPLES = Path(__file__).parents[2] / "hub" / "examples"
LOCAL = (EXAMPLES / "local.toml").read_text()


def read(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "hub.toml"
    path.write_text(text)
    return read_settings(path)


@pytest.mark.parametrize("name", ["local.toml", "gpu-server.toml", "kubernetes.toml"])
def test_the_examples_are_right(name: str) -> None:
    assert read_settings(EXAMPLES / name).course.id == "tp555"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('home = "/srv/tp555"', 'home = "srv"', "not an absolute path"),
        ('bind = "http://127.0.0.1:8000"', 'bind = "http://0.0.0.0:8000"', "set domain"),
        (
            'bind = "http://127.0.0.1:8000"',
            'bind = "http://0.0.0.0:8000"\ndomain = "hub.example.edu"',
            "bind it to 127.0.0.1",
        ),
        ('kind = "demo"', 'kind = "demo"\n[course]\nport = 9999', "course.port"),
        ('kind = "demo"', 'kind = "native"', "choose one below 1024"),
        ('bind = "http://127.0.0.1:8000"', 'bind = "https://127.0.0.1"', "needs certificate and key"),
        ('kind = "demo"', 'kind = "facebook"', "login"),
        ("default = true", "default = false", "exactly one profile"),
        ('memory = "4G"', 'memory = "4 gigas"', "profiles.0.memory"),
        ("cpus = 2", "cpus = 2\ngpus = 1\nslice = 'x'", "not both"),
        ("cpus = 2", "cpu = 2", "profiles.0.cpu"),
        ("[login]", "[login", "not valid TOML"),
    ],
)
def test_a_wrong_file_is_told_what_and_where(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in LOCAL
    with pytest.raises(SettingsError, match=re.escape(told)):
        read(tmp_path, LOCAL.replace(old, new))


def test_all_wrong_fields_are_named_at_once(tmp_path: Path) -> None:
    text = LOCAL.replace('memory = "4G"', 'memory = "x"').replace("cpus = 2", "cpus = -1")
    with pytest.raises(SettingsError, match=r"profiles\.0\.cpus.*\n.*profiles\.0\.memory"):
        read(tmp_path, text)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="No such file"):
        read_settings(tmp_path / "hub.toml")


def test_a_secret_is_never_in_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TP555_SECRET", "abc")
    assert Secret(env="TP555_SECRET").read() == "abc"
    file = tmp_path / "secret"
    file.write_text("abc\n")
    file.chmod(0o600)
    assert Secret(file=file).read() == "abc"


def test_a_secret_that_cannot_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TP555_SECRET", raising=False)
    file = tmp_path / "secret"
    with pytest.raises(SettingsError, match="TP555_SECRET is not set"):
        Secret(env="TP555_SECRET").read()
    with pytest.raises(SettingsError, match="No such file"):
        Secret(file=file).read()
    file.write_text("abc")
    file.chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        Secret(file=file).read()
    file.write_text("")
    file.chmod(0o600)
    with pytest.raises(SettingsError, match="is empty"):
        Secret(file=file).read()
    with pytest.raises(ValueError, match="either"):
        Secret(env="A", file=file)
