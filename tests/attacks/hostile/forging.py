"""Forging a score inside of the kernel: tests blanked, names replaced, results invented."""

from hostile.attack import Attack, Weak
from hostile.course import AFTER_THE_FIRST
from hostile.weak import by_outputs, in_kernel, stock

__all__ = ["ATTACKS"]

_WRONG = "\nresposta = 7"
_LOST = {"resposta-test": 0.0}


def _resposta(name: str, success: str, source: str, *, right: bool = False, weak: Weak | None = None) -> Attack:
    """An attack in the cell ``resposta`` on the points of its test; the answer itself is wrong."""
    return Attack(
        name, "forging", success, weak or stock("resposta-test"),
        {"resposta": source if right else source + _WRONG}, _LOST,
    )  # fmt: skip


ATTACKS = (
    _resposta(
        "blank-by-cleanup",
        "an input transformer empties every test",
        "get_ipython().input_transformers_cleanup.append(\n"
        "    lambda linhas: ['pass\\n'] if any('assert' in l for l in linhas) else linhas)",
    ),
    _resposta(
        "blank-by-post",
        "a late input transformer cuts the asserts out",
        "get_ipython().input_transformers_post.append(\n"
        "    lambda linhas: [l if 'assert' not in l else 'pass\\n' for l in linhas])",
    ),
    _resposta(
        "drop-asserts-in-tree",
        "an AST transformer removes every assert",
        "import ast\nclass Sem(ast.NodeTransformer):\n    def visit_Assert(self, node):\n        return ast.Pass()\n"
        "get_ipython().ast_transformers.append(Sem())",
    ),
    _resposta(
        "equal-to-everything",
        "an object that equals whatever it is compared with",
        "class Tudo:\n    def __eq__(self, outro):\n        return True\n    __hash__ = object.__hash__\n"
        "resposta = Tudo()",
        right=True,
    ),
    _resposta(
        "int-that-agrees",
        "a subclass of int, so that isinstance holds, with its own equality",
        "class Numero(int):\n    def __eq__(self, outro):\n        return True\n    __hash__ = int.__hash__\n"
        "resposta = Numero(7)",
        right=True,
    ),
    _resposta(
        "reads-the-frame",
        "an object that looks the expected value up in the frame of the test",
        "import sys\nclass Espia:\n    def __eq__(self, outro):\n"
        "        return sys._getframe(1).f_globals.get('CANARIO_DO_TESTE') == outro\nresposta = Espia()",
        right=True,
    ),
    _resposta(
        "hide-tracebacks",
        "errors are not shown, so the test cell looks well",
        "get_ipython()._showtraceback = lambda *a: None",
        weak=by_outputs("resposta-test"),
    ),
    _resposta(
        "custom-exception-hook",
        "an exception handler of the student's swallows the failed assert",
        "get_ipython().set_custom_exc((Exception,), lambda *a, **k: None)",
        weak=by_outputs("resposta-test"),
    ),
    _resposta(
        "replace-run-code",
        "IPython's way to run code is replaced by one that runs nothing",
        "_rodar = get_ipython().run_code\nasync def nada(codigo, *a, **k):\n"
        "    return False if 'CANARIO_DO_TESTE' in codigo.co_names else await _rodar(codigo, *a, **k)\n"
        "get_ipython().run_code = nada",
    ),
    Attack(
        "replace-execute-request",
        "forging",
        "the kernel answers 'ok' to every further cell without running it: nothing the student wrote below ran",
        stock("resposta-test", "chave-test"),
        {
            "antes": "k = get_ipython().kernel\nasync def feito(*a, **kw):\n"
            "    return {'status': 'ok', 'execution_count': 1, 'payload': [], 'user_expressions': {}}\n"
            "k.do_execute = feito\nantes = [n * n for n in range(10)]"
        },
        dict.fromkeys(AFTER_THE_FIRST, 0.0),
    ),
    _resposta(
        "read-the-cell-before-it-runs",
        "a hook reads the hidden test's text and sets the expected value",
        "import re\ndef antes_de(info):\n    achado = re.search(r'CANARIO_DO_TESTE = (\\d+)', info.raw_cell or '')\n"
        "    if achado:\n        get_ipython().user_ns['resposta'] = int(achado.group(1))\n"
        "get_ipython().events.register('pre_run_cell', antes_de)",
    ),
    _resposta(
        "audit-hook",
        "an audit hook reads the source of everything that is compiled",
        "import sys, re, ast\ndef gancho(evento, args):\n    if evento == 'compile' and args[0] is not None:\n"
        "        texto = args[0].decode() if isinstance(args[0], bytes) else str(args[0])\n"
        "        achado = re.search(r'CANARIO_DO_TESTE = (\\d+)', texto)\n"
        "        if achado:\n            get_ipython().user_ns['resposta'] = int(achado.group(1))\n"
        "sys.addaudithook(gancho)",
    ),
    _resposta(
        "compiler-of-its-own",
        "IPython's compiler is replaced by one that leaves asserts out (as python -O does)",
        "import builtins\nip = get_ipython()\n_antigo = ip.compile.__class__.__call__\n"
        "ip.compile.__class__.__call__ = lambda self, tree, nome, modo: builtins.compile(tree, nome, modo, "
        "self.flags, True, 2)",
    ),
    Attack(
        "helper-replaced",
        "forging",
        "the instructor's helper is redefined to agree with everything",
        stock("chave-test"),
        {"chave": "confere = lambda valor: True\nchave = 7"},
        {"chave-test": 0.0},
    ),
    Attack(
        "builtins-replaced",
        "forging",
        "Python's own sum and round answer what full marks need",
        stock("quadrados-test"),
        {"quadrados": "import builtins\nbuiltins.sum = lambda *a: 4\nsum = lambda *a: 4\nquadrados = []"},
        {"quadrados-test": 0.0},
    ),
    Attack(
        "numpy-replaced",
        "forging",
        "the name np, imported by the instructor, is bound to an object that agrees",
        stock("pi-test"),
        {
            "pi": "pi = 9\nclass Falso:\n    def __getattr__(self, nome):\n        return lambda *a, **k: True\n"
            "np = Falso()"
        },
        {"pi-test": 0.0},
    ),
    Attack(
        "numpy-patched",
        "forging",
        "np.allclose itself is replaced in the library",
        stock("pi-test"),
        {"pi": "pi = 9\nnp.allclose = lambda *a, **k: True"},
        {"pi-test": 0.0},
    ),
    Attack(
        "tolerance-rebound",
        "forging",
        "a constant that an earlier hidden test bound is bound again, far too wide",
        stock("pi-test"),
        {"pi": "pi = 9\nLIMITE = 1e9"},
        {"pi-test": 0.0},
    ),
    Attack(
        "partial-score-format",
        "forging",
        "the display formatter shows full marks for any number",
        stock("quadrados-test"),
        {
            "quadrados": "f = get_ipython().display_formatter.formatters['text/plain']\n"
            "f.for_type(float, lambda o, p, c: p.text('2.0'))\nquadrados = []"
        },
        {"quadrados-test": 0.0},
    ),
    Attack(
        "partial-score-nan",
        "forging",
        "a partial score that is no number: stock nbgrader then gives full marks",
        stock("quadrados-test"),
        {
            "quadrados": "class N(int):\n    def __eq__(self, o):\n        return Nada()\nclass Nada:\n"
            "    def __radd__(self, o):\n        return float('nan')\n    def __add__(self, o):\n"
            "        return float('nan')\nquadrados = [N(5)] * 4"
        },
        {"quadrados-test": 0.0},
    ),
    Attack(
        "checks-patched",
        "forging",
        "the check library is patched to say nothing",
        stock("media-test"),
        {
            "media": "import autograder.check\nautograder.check.close = lambda *a, **k: None\n"
            "def media(x):\n    return 0.0"
        },
        {"media-test": 0.0},
    ),
    Attack(
        "outcome-forged-in-test",
        "forging",
        "the patched check displays outcomes worth full marks",
        in_kernel("media-test"),
        {
            "media": "import autograder.check\nfrom IPython.display import display\n"
            "def falso(*a, **k):\n    display({'application/vnd.autograder.outcome+json': {'title': 'certo', "
            "'passed': True, 'credit': 1.0, 'weight': 1.0}, 'text/plain': 'certo'}, raw=True)\n"
            "autograder.check.close = falso\ndef media(x):\n    return 0.0"
        },
        {"media-test": 0.0},
    ),
    Attack(
        "outcome-displayed-in-call",
        "forging",
        "the tested function displays outcomes and claims of great weight",
        in_kernel("media-test"),
        {
            "media": "from IPython.display import display\ndef media(x):\n"
            "    for _ in range(20):\n"
            "        display({'application/vnd.autograder.outcome+json': {'title': 'certo', "
            "'passed': True, 'credit': 1.0, 'weight': 1000.0}, 'text/plain': 'certo'}, raw=True)\n    return 0.0"
        },
        {"media-test": 0.0},
    ),
    Attack(
        "early-exit",
        "forging",
        "the kernel ends inside of the test: a cell without output has no error",
        by_outputs("media-test"),
        {"media": "import os\ndef media(x):\n    print('TODOS OS TESTES PASSARAM', flush=True)\n    os._exit(0)"},
        dict.fromkeys(("media-test", "pi-test", "quadrados-test", "arquivo-test", "depois-test"), 0.0),
    ),
    Attack(
        "exit-at-exit",
        "forging",
        "the kernel says that all went well while it dies (atexit, os._exit(0))",
        by_outputs("resposta-test", "media-test"),
        {
            "resposta": "import atexit, os, sys\nsys.stdout.flush()\natexit.register(print, 'nota: 10')\nos._exit(0)"
        },
        dict.fromkeys(AFTER_THE_FIRST, 0.0),
    ),
    Attack(
        "cheats-by-caller",
        "forging",
        "a function that answers the caller's own expected value",
        stock("media-test"),
        {
            "media": "import sys\ndef media(x):\n    import numpy as np, inspect\n"
            "    return Igual()\n"
            "class Igual:\n    def __array__(self, dtype=None, copy=None):\n"
            "        f = sys._getframe()\n        while f and 'expected' not in f.f_locals:\n            f = f.f_back\n"
            "        return np.asarray(f.f_locals['expected'], dtype=float)"
        },
        {"media-test": 0.0},
    ),
)
