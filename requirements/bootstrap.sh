#!/bin/sh
# Builds .venv from the hashed lock file. Called by make; a second call only mends what changed.
#
# Everything the machine may lack is looked for first, so that nobody waits for a download and then fails.
set -eu

python=${PYTHON:-python3}
venv=.venv
lock=requirements/dev.txt
space_mb=4000 # the environment and the download cache

fail() {
    printf '\n%s\n' "$1" >&2
    [ $# -lt 2 ] || printf '\n    %s\n\n' "$2" >&2
    exit 1
}

case "$(uname -s)/$(uname -m)" in
Linux/x86_64 | Linux/aarch64) ;;
*) fail "This needs Linux on x86_64 or aarch64 (here: $(uname -s) on $(uname -m)); a virtual machine or WSL 2 will do." ;;
esac
command -v git >/dev/null || fail "git is missing. Install it:" "apt-get install git"
command -v "$python" >/dev/null || fail "$python is missing. Install it:" "apt-get install python3 python3-venv"
"$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || fail \
    "Python 3.11, 3.12 or 3.13 is needed; $python is $("$python" -V 2>&1). With another one installed, say for example:" \
    "make PYTHON=python3.12 $*"
"$python" -c 'import ensurepip, venv' 2>/dev/null || fail \
    "Python's venv module is incomplete. Install it (as root), then run make again:" "apt-get install python3-venv"

"$python" -c 'import ctypes; ctypes.CDLL("libseccomp.so.2")' 2>/dev/null || fail \
    "libseccomp is missing, which compiles the sandbox's filter of system calls. Install it (as root), then run make again:" \
    "apt-get install libseccomp2"

case " $* " in
*" demo "* | *" test "*)
    # CLONE_NEWUSER, which root does not need, and CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET.
    "$python" -c 'import ctypes, os, sys
flags = 0x60020000 | (0 if os.geteuid() == 0 else 0x10000000)
sys.exit(ctypes.CDLL(None).unshare(flags) != 0)' || fail \
        "This host lets $(id -un) make no namespaces, and student code runs in nothing less. As root, allow them:" \
        "sysctl -w user.max_user_namespaces=15000 kernel.apparmor_restrict_unprivileged_userns=0"
    ;;
esac

if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    free_mb=$(df -Pk . | awk 'NR == 2 { print int($4 / 1024) }')
    [ "$free_mb" -ge "$space_mb" ] || fail \
        "There are $free_mb MB free in $(pwd); the environment needs $space_mb. Make room, then run make again."
    echo "Making $venv with $("$python" -V)…"
    "$python" -m venv --clear "$venv"
fi

echo "Installing the locked packages (TensorFlow among them: some minutes the first time)…"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
uv() { UV_PYTHON_DOWNLOADS=never UV_LINK_MODE="${UV_LINK_MODE:-hardlink}" "$venv/bin/uv" "$@"; }
uv pip sync --python "$venv/bin/python" --require-hashes --compile-bytecode "$lock"
# The project itself: in place, by the locked build backend, without asking an index for anything.
uv pip install --quiet --python "$venv/bin/python" --no-deps --no-build-isolation --offline --editable .
