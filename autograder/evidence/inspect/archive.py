"""The parts of a ``.keras`` file, taken out of its zip archive one by one and never unpacked to a disk."""

import stat
import zipfile
import zlib
from io import BytesIO

from autograder.evidence.refusal import Refused
from autograder.messages import tr

__all__ = ["MAGIC", "read_archive"]

MAGIC = b"PK\x03\x04"
MAX_MEMBERS = 200
_LIMITS = {"config.json": 16 * 2**20, "metadata.json": 2**16, "model.weights.h5": 512 * 2**20}
_ASSETS = "assets/"


def read_archive(content: bytes) -> tuple[dict[str, bytes], list[str]]:
    """The three parts by name, and the names of the assets, which are not read.

    Raises:
        Refused: With code ``"corrupt"``, ``"encrypted"``, ``"duplicate"``, ``"path"``, ``"member"``,
            ``"filter"`` or ``"too-large"``.
    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) > MAX_MEMBERS:
                raise _too_large()
            names = [member.filename for member in members]
            if len(set(names)) != len(names):
                raise Refused("duplicate", tr("The archive has two parts of one name."))
            for member in members:
                _refuse_member(member)
            if missing := set(_LIMITS) - set(names):
                raise Refused("corrupt", tr("The file is damaged: {part} is missing.", part=min(missing)))
            parts = {name: _read(archive, name, limit) for name, limit in _LIMITS.items()}
    except (zipfile.BadZipFile, zipfile.LargeZipFile) as error:
        raise Refused("corrupt", tr("The file is damaged.")) from error
    # What zipfile and zlib raise at damaged bytes.
    except (OSError, EOFError, ValueError, NotImplementedError, RuntimeError, zlib.error) as error:
        raise Refused("corrupt", tr("The file is damaged.")) from error
    return parts, [name for name in names if name not in _LIMITS]


def _refuse_member(member: zipfile.ZipInfo) -> None:
    name = member.filename
    if member.flag_bits & 0x1:
        raise Refused("encrypted", tr("The archive is encrypted."))
    if name.startswith("/") or "\\" in name or ".." in name.split("/") or member.orig_filename != name:
        raise Refused("path", tr("The archive has a part that lies outside of it."))
    mode = member.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise Refused("path", tr("The archive has a part that is a link."))
    if name not in _LIMITS and not name.startswith(_ASSETS):
        raise Refused("member", tr("The archive has a part that does not belong to a model."))
    if member.file_size > _LIMITS.get(name, 2**26):
        raise _too_large()
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refused("filter", tr("The file is compressed in an unusual way."))


def _read(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    # The size in the directory may be a lie: what comes out is what counts.
    with archive.open(name) as member:
        content = member.read(limit + 1)
    if len(content) > limit:
        raise _too_large()
    return content


def _too_large() -> Refused:
    return Refused("too-large", tr("The file is too large, or claims to be."))
