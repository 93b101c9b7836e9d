"""Forged answers to the grader: the agent in the kernel is the student's to change, so all it says may be a lie."""

import io
import json
import os
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np

from hostile.attack import Attack, Weak
from hostile.course import AFTER_THE_FIRST, Lab

__all__ = ["ATTACKS"]

#: Rewrites each export: ``FORGE`` changes the document ``doc``; ``raw`` and ``npz``, if set, replace the files.
_PATCH = """
import sys, json, pathlib
_Agent = sys.modules['autograder.evidence.agent'].Agent
_export = _Agent._export
def _falso(self):
    dito = _export(self)
    pasta = pathlib.Path(self._folder)
    doc = json.loads((pasta / 'answer.json').read_text())
    nodes, roots, raw, npz = doc['nodes'], doc['roots'], None, None
    def novo(**no):
        nodes.append(no)
        return len(nodes) - 1
{forge}
    (pasta / 'answer.json').write_bytes(raw if raw is not None else json.dumps(doc).encode())
    if npz is not None:
        (pasta / 'answer.npz').write_bytes(npz)
    return dito
_Agent._export = _falso
resposta = 7
"""
_LATER_VALUES = tuple(name for name in AFTER_THE_FIRST if name != "arquivo-test")


def _forge(text: str) -> str:
    return _PATCH.format(forge="\n".join(f"    {line}" for line in text.splitlines()))


def _naive(document: dict[str, Any], arrays: dict[str, Any]) -> Callable[[int], Any]:
    """A reader that believes what it reads: no depth, no sizes, every name looked up."""

    def value(index: int) -> Any:
        node = document["nodes"][index]
        kind = node["k"]
        if kind in ("list", "tuple", "set"):
            return [value(i) for i in node["items"]]
        if kind == "int":
            return int(node["v"], 16)
        if kind == "range":
            return range(*map(int, node["v"]))
        if kind == "array":
            return arrays[node["key"]].copy()
        if kind == "module":
            return __import__(node["name"], fromlist=["x"])
        if kind == "pickle":
            import pickle

            return pickle.loads(bytes.fromhex(node["v"]))
        return node

    return value


class _Lazy(dict[str, Any]):
    """Arrays, unpickled where they say so."""

    def __init__(self, npz: bytes | None) -> None:
        super().__init__()
        self._npz = npz

    def __missing__(self, key: str) -> Any:
        assert self._npz is not None
        return np.load(io.BytesIO(self._npz), allow_pickle=True)[key]


def believed(forge: str, hurts: Callable[[Callable[[int], Any], dict[str, Any], dict[str, Any]], bool]) -> Weak:
    """A judge that reads the forged document without a doubt is hurt by it."""

    def succeeds(attack: Attack, lab: Lab) -> bool:
        document: dict[str, Any] = {"version": 1, "nodes": [{"k": "none"}], "roots": {"resposta": 0}}
        scope: dict[str, Any] = {"doc": document, "nodes": document["nodes"], "roots": document["roots"],
                                 "raw": None, "npz": None, "json": json}  # fmt: skip

        def novo(**node: Any) -> int:
            document["nodes"].append(node)
            return len(document["nodes"]) - 1

        scope["novo"] = novo
        exec(forge, scope)
        if scope["raw"] is not None:
            return hurts(lambda i: None, {"raw": scope["raw"]}, {})
        document["npz"] = scope["npz"]
        arrays = _Lazy(scope["npz"])
        return hurts(_naive(document, arrays), document, arrays)

    return succeeds


def raises(kind: type[BaseException]) -> Callable[..., bool]:
    """Reading ends in an exception that nobody expects of data."""

    def hurts(value: Callable[[int], Any], document: dict[str, Any], arrays: dict[str, Any]) -> bool:
        try:
            if "raw" in document:
                json.loads(document["raw"])
            else:
                value(document["roots"]["resposta"])
        except kind:
            return True
        return False

    return hurts


def _document(
    name: str,
    success: str,
    forge: str,
    hurts: Callable[..., bool],
    *,
    lost: tuple[str, ...] = ("resposta-test",),
    review: tuple[str, ...] = (),
) -> Attack:
    return Attack(
        name, "protocol", success, believed(forge, hurts), {"resposta": _forge(forge)},
        dict.fromkeys(lost, 0.0), review=frozenset(review),
    )  # fmt: skip


def _truthy(value: Callable[[int], Any], document: dict[str, Any], arrays: dict[str, Any]) -> bool:
    return value(document["roots"]["resposta"]) is not None


ATTACKS = (
    _document(
        "document-no-json", "the judge dies of a document that is no JSON", "raw = b'{\"version\": 1, nodes: ['",
        raises(ValueError), lost=_LATER_VALUES,
    ),
    _document(
        "document-deep", "the judge dies of JSON nested a hundred thousand times",
        "raw = b'[' * 100_000", raises(RecursionError), lost=_LATER_VALUES,
    ),
    _document(
        "document-nan", "references and numbers that are NaN or infinite crash the reader",
        "roots['resposta'] = float('nan')\nnovo(k='float', v=float('inf'))", raises(TypeError),
    ),
    _document(
        "document-cycle", "a tuple that contains itself",
        "i = novo(k='tuple', items=[])\nnodes[i]['items'] = [i]\nroots['resposta'] = i", raises(RecursionError),
    ),
    _document(
        "document-doubling", "sixty nodes that are a value of 2⁶⁰ parts (what shows it never ends)",
        "i = novo(k='int', v='0x7')\nfor _ in range(60):\n    i = novo(k='list', items=[i, i])\nroots['resposta'] = i\n"
        "roots['quadrados'] = i\nroots['pi'] = i",
        lambda value, document, arrays: _expanded(document, document["roots"]["resposta"]) > 2**50,
        lost=("resposta-test", "quadrados-test", "pi-test"),
    ),
    _document(
        "document-many-nodes", "more nodes than a document may have",
        "nodes.extend({'k': 'none'} for _ in range(150_000))",
        lambda value, document, arrays: len(document["nodes"]) > 100_000, lost=_LATER_VALUES,
    ),
    _document(
        "document-huge", "a document of 100 MB, which takes the judge's memory twenty times",
        "raw = b'[' + b'[],' * 33_000_000 + b'0]'",
        lambda value, document, arrays: len(document["raw"]) > 90_000_000, lost=_LATER_VALUES,
    ),
    _document(
        "array-amplified", "one array of 64 MB that ten thousand nodes name: a copy for each",
        "import io, numpy as np\nmem = io.BytesIO()\nnp.savez(mem, a0=np.zeros(2**23))\nnpz = mem.getvalue()\n"
        "for _ in range(10_000):\n    novo(k='array', key='a0')\n"
        "roots['resposta'] = novo(k='list', items=list(range(len(nodes) - 10_000, len(nodes))))",
        lambda value, document, arrays: arrays["a0"].nbytes * 10_000 > 2**39,
            ),
    _document(
        "array-of-objects", "an npz entry that has to be unpickled: code runs in the judge",
        "import io, os, numpy as np\nclass Mal:\n    def __reduce__(self):\n"
        "        return (os.getpid, ())\nmem = io.BytesIO()\n"
        "np.savez(mem, a0=np.array([Mal(), 1], dtype=object))\nnpz = mem.getvalue()\n"
        "roots['resposta'] = novo(k='array', key='a0')",
        lambda value, document, arrays: isinstance(arrays["a0"][0], int), lost=_LATER_VALUES,
    ),
    _document(
        "array-shape", "an array whose header claims 2⁶⁰ numbers",
        "import io, zipfile, struct\nmem = io.BytesIO()\n"
        "texto = b\"{'descr': '<f8', 'fortran_order': False, 'shape': (1152921504606846976,), }\"\n"
        "texto += b' ' * (117 - len(texto)) + b'\\n'\n"
        "with zipfile.ZipFile(mem, 'w') as z:\n"
        "    z.writestr('a0.npy', b'\\x93NUMPY\\x01\\x00' + struct.pack('<H', len(texto)) + texto)\n"
        "npz = mem.getvalue()\nroots['resposta'] = novo(k='array', key='a0')",
        lambda value, document, arrays: b"1152921504606846976" in document["npz"], lost=_LATER_VALUES,
    ),
    _document(
        "array-keys-like-paths", "npz entries called ../../x and /etc/passwd, to be written outside",
        "import io, zipfile\nmem = io.BytesIO()\nwith zipfile.ZipFile(mem, 'w') as z:\n"
        "    z.writestr('../../../../tmp/attack-was-here.npy', b'x')\n    z.writestr('/tmp/attack-was-here', b'x')\n"
        "npz = mem.getvalue()\nroots['resposta'] = novo(k='array', key='../../../../tmp/attack-was-here')",
        lambda value, document, arrays: any(
            not os.path.normpath(os.path.join("/a/b", name)).startswith("/a/b/")
            for name in zipfile.ZipFile(io.BytesIO(document["npz"])).namelist()
        ), lost=_LATER_VALUES,
    ),
    _document(
        "module-with-effects", "a module node makes the judge import (and so run) what the student names",
        "for n, m in (('resposta', 'antigravity'), ('chave', 'IPython.__main__')):\n"
        "    roots[n] = novo(k='module', name=m, token='t1')",
        lambda value, document, arrays: value(document["roots"]["resposta"]).__name__ == "antigravity",
        lost=("resposta-test", "chave-test"),
    ),
    _document(
        "module-for-json", "json, of which the test asks the file's content, is another module",
        "roots['json'] = novo(k='module', name='pathlib', token='t1')\nroots['resposta'] = novo(k='module', name='os')",
        _truthy,
    ),
    _document(
        "range-without-end", "a range of 10¹⁵ numbers that a test walks through",
        "roots['quadrados'] = novo(k='range', v=[5, 10**15, 1])\nroots['resposta'] = novo(k='range', v=[5, 10**15, 1])",
        lambda value, document, arrays: len(value(document["roots"]["resposta"])) > 10**14,
        lost=("resposta-test", "quadrados-test"),
    ),
    _document(
        "pickle-node", "a node kind of the student's own, 'pickle'",
        "import pickle, os\nclass Mal:\n    def __reduce__(self):\n        return (os.getpid, ())\n"
        "roots['resposta'] = novo(k='pickle', v=pickle.dumps(Mal()).hex())",
        lambda value, document, arrays: isinstance(value(document["roots"]["resposta"]), int),
    ),
    _document(
        "builtins-as-evidence", "roots called all, sum, isinstance and __builtins__ replace Python's own",
        "f = novo(k='remote', kind='function', token='t1', type='function', mro=[])\n"
        "for n in ('all', 'sum', 'len', 'isinstance', 'AssertionError', '__builtins__', '__name__', 'confere', 'check'):\n"
        "    roots[n] = f\nroots['resposta'] = f",
        lambda value, document, arrays: {"sum", "__builtins__"} <= set(document["roots"]),
    ),
    _document(
        "names-of-the-judge", "a remote whose ancestry names the judge's own classes",
        "roots['resposta'] = novo(k='remote', kind='object', token='t1', type='x', "
        "mro=['autograder.judge.process:_Judge', 'builtins:int', 'builtins:bool'])",
        _truthy,
    ),
    _document(
        "opaque", "the cell cannot be judged, and so is not zero: a person looks (allowed, and seen)",
        "roots['resposta'] = novo(k='opaque', type='x', why='y' * 100_000)", _truthy, lost=(),
        review=("resposta-test",),
    ),
    _document(
        "deferred-token-confusion", "a value is fetched by the token of another one, or of none",
        "roots['resposta'] = novo(k='deferred', token='t' + '9' * 4000, type='x')", _truthy, lost=(),
        review=("resposta-test",),
    ),
    _document(
        "keras-config-evil", "Keras deserialises a config that names a function of Python's",
        "c = {'module': 'builtins', 'class_name': 'eval', 'config': {'expression': '42'}, 'registered_name': 'eval'}\n"
        "roots['resposta'] = novo(k='keras', config=c)\n"
        "roots['chave'] = novo(k='keras', config={'module': 'keras.layers', 'class_name': 'Lambda', "
        "'config': {'function': 'x'}})",
        _truthy, lost=("resposta-test", "chave-test"),
    ),
    _document(
        "model-of-many-units", "a model of 10¹² weights is built before anybody looks",
        "camada = {'module': 'keras.layers', 'class_name': 'Dense', 'config': {'name': 'd', 'units': 1_000_000_000, "
        "'activation': 'relu'}, 'registered_name': None, 'build_config': {'input_shape': [None, 1000000]}}\n"
        "entrada = {'module': 'keras.layers', 'class_name': 'InputLayer', 'config': {'name': 'i', "
        "'batch_shape': [None, 1000000], 'dtype': 'float32'}, 'registered_name': None}\n"
        "c = {'module': 'keras', 'class_name': 'Sequential', 'config': {'name': 's', 'layers': [entrada, camada]}}\n"
        "vazio = novo(k='none')\n"
        "roots['resposta'] = novo(k='model', config=c, weights=[], compile=vazio, history=vazio, token='t1', tokens={})",
        _truthy,
    ),
    _document(
        "estimator-of-elsewhere", "an 'estimator' of any class that scikit-learn's modules can see",
        "vazio = novo(k='dict', items=[])\n"
        "roots['resposta'] = novo(k='sklearn', module='sklearn.preprocessing.x', params=vazio, fitted=vazio, "
        "token='t1', **{'class': 'np'})\n"
        "roots['chave'] = novo(k='sklearn', module='os.path', params=vazio, fitted=vazio, token='t1', "
        "**{'class': 'system'})",
        _truthy, lost=("resposta-test", "chave-test"),
    ),
    _document(
        "figure-of-many-axes", "a figure of ten thousand axes is drawn again in the judge",
        "eixo = {'position': [0, 0, 1, 1], 'title': '', 'xlabel': '', 'ylabel': '', 'lines': [], 'bars': [], "
        "'points': [], 'images': [], 'texts': [], 'xscale': 'linear', 'yscale': 'linear', 'xlim': ['0x0p+0', '0x1p+0'], "
        "'ylim': ['0x0p+0', '0x1p+0'], 'grid': True, 'legend': None}\n"
        "roots['resposta'] = novo(k='figure', size=[1e9, 1e9], axes=[eixo] * 10_000)",
        lambda value, document, arrays: len(value(document["roots"]["resposta"])["axes"]) == 10_000,
    ),
    _document(
        "integer-of-many-digits", "an integer of 400 million digits",
        "roots['resposta'] = novo(k='int', v='0x' + '7' * 100_000)",
        lambda value, document, arrays: value(document["roots"]["resposta"]).bit_length() > 300_000,
    ),
)  # fmt: skip


def _expanded(document: dict[str, Any], index: int, known: dict[int, int] | None = None) -> int:
    known = {} if known is None else known
    if index not in known:
        items = document["nodes"][index].get("items", [])
        known[index] = 1 + sum(_expanded(document, i, known) for i in items)
    return known[index]
