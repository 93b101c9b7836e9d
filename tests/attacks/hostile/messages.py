"""Forged and malformed messages on the kernel's own sockets: the student has them, and the key that signs."""

from jupyter_client.session import Session

import autograder.sandbox.run as run_module
from hostile.attack import Attack, Weak
from hostile.course import Lab
from hostile.weak import executed, tests_in_kernel

__all__ = ["ATTACKS"]

_HEAD = "k = get_ipython().kernel\nresposta = 7\n"
_LOST = {"resposta-test": 0.0}


def believing() -> Weak:
    """With jupyter_client's own session and nbclient's own reading, the run of the whole notebook breaks."""

    def succeeds(attack: Attack, lab: Lab) -> bool:
        kept = (run_module.MistrustfulSession, run_module.SandboxClient.process_message)
        run_module.MistrustfulSession = Session  # type: ignore[misc]
        base = run_module.NotebookClient.process_message
        run_module.SandboxClient.process_message = base  # type: ignore[method-assign]
        try:
            executed(tests_in_kernel(attack), attack)
        except Exception:
            return True
        finally:
            run_module.MistrustfulSession, run_module.SandboxClient.process_message = kept  # type: ignore[misc,method-assign]
        return False

    return succeeds


def _message(name: str, success: str, source: str) -> Attack:
    return Attack(name, "messages", success, believing(), {"resposta": _HEAD + source}, _LOST)


ATTACKS = (
    _message(
        "unsigned-frames", "frames that are no message end the run of the notebook",
        "for partes in ([b'lixo'], [b'<IDS|MSG>'], [b'<IDS|MSG>', b'x', b'{}', b'{}', b'{}', b'{}'], [b''] * 9):\n"
        "    k.iopub_socket.send_multipart(partes)",
    ),
    _message(
        "parent-is-a-list", "a signed message whose parent is no object",
        "s = k.session\npartes = [s.pack(s.msg_header('stream')), b'[]', b'{}', b'{\"name\": \"stdout\", \"text\": \"\"}']\n"
        "k.iopub_socket.send_multipart([b'<IDS|MSG>', s.sign(partes), *partes])",
    ),
    _message(
        "display-without-data", "an output that lacks what every output has",
        "k.session.send(k.iopub_socket, 'display_data', {'nada': 1}, parent=k.get_parent())",
    ),
    _message(
        "content-is-a-list", "the content of an output is a list",
        "s = k.session\npai = k.get_parent()\n"
        "partes = [s.pack(s.msg_header('status')), s.pack(pai['header']), b'{}', b'[1, 2]']\n"
        "k.iopub_socket.send_multipart([b'<IDS|MSG>', s.sign(partes), *partes])",
    ),
    _message(
        "output-nbformat-refuses", "an output that no notebook may hold",
        "k.session.send(k.iopub_socket, 'display_data', {'data': {'text/plain': {'a': 1}, 'x': None}, "
        "'metadata': {'a': [1]}}, parent=k.get_parent())\n"
        "k.session.send(k.iopub_socket, 'stream', {'name': 'stdlog', 'text': 5}, parent=k.get_parent())\n"
        "k.session.send(k.iopub_socket, 'error', {'ename': 1, 'evalue': None, 'traceback': 7}, parent=k.get_parent())",
    ),
    _message(
        "comm-of-nonsense", "a widget message of nonsense",
        "for tipo in ('comm_open', 'comm_msg', 'comm_close'):\n"
        "    k.session.send(k.iopub_socket, tipo, {'data': {'method': 'update', 'state': 3}}, parent=k.get_parent())",
    ),
    _message(
        "reply-without-status", "the kernel's own reply lacks its status",
        "async def vazio(*a, **kw):\n    return {'status': 'ok', 'execution_count': 1, 'payload': [], "
        "'user_expressions': {}}\n"
        "_send = k.session.send\n"
        "def sem(fluxo, tipo, conteudo=None, *a, **kw):\n"
        "    if tipo == 'execute_reply' and not feito:\n        feito.append(1)\n"
        "        _send(fluxo, tipo, {'nada': 1}, *a, **kw)\n"
        "    return _send(fluxo, tipo, conteudo, *a, **kw)\n"
        "feito = []\nk.session.send = sem",
    ),
    _message(
        "dates-and-versions", "a header of another version of the protocol, with dates that are none",
        "s = k.session\npai = k.get_parent()\n"
        "for versao in ('4.1', '99', None, {}):\n"
        "    h = s.msg_header('stream')\n    h['version'], h['date'] = versao, '2026-99-99T99:99:99Z'\n"
        "    partes = [s.pack(h), s.pack(pai['header']), b'{}', b'{\"name\": \"stdout\", \"data\": 3}']\n"
        "    k.iopub_socket.send_multipart([b'<IDS|MSG>', s.sign(partes), *partes])",
    ),
)  # fmt: skip
