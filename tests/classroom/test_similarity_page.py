"""The page of similar answers in a real browser: both sides on it, nothing from outside, on a desk or a phone."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Literal

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from invented import LIST, build
from playwright.sync_api import Browser
from seen import Seen

pytestmark = pytest.mark.hub

NOTEBOOK = "01_classificador_sequencial"
ANSWER = """
def melhor_epoca(historico, metrica="val_loss"):
    valores = np.array(historico.history[metrica])
    for epoca, valor in enumerate(valores):
        if np.isclose(valor, valores.min()):
            return epoca + 1, float(valor)
    return None, np.nan

X_valid, X_train = X_full[:5000] / 255.0, X_full[5000:] / 255.0
model = keras.Sequential([keras.layers.Flatten(input_shape=[28, 28]), keras.layers.Dense(300, activation="relu")])
model.add(keras.layers.Dense(10, activation="softmax"))
model.compile(loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.SGD(1e-3), metrics=["accuracy"])
history = model.fit(X_train, y_train, epochs=12, validation_data=(X_valid, y_valid))
"""
OTHER = "\n".join(f"f{i} = g.p{i}[{i}] - h.q{i}(r{i}, s={i})" for i in range(40))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two students with one answer under other names, and one with an answer of her own."""
    course = tmp_path_factory.mktemp("course")
    build(course, 12)
    renamed = ANSWER.replace("valores", "numeros").replace("epoca", "passo").replace("model", "rede")
    for student, answer in (("aluna01", ANSWER), ("aluna02", renamed), ("aluna03", OTHER)):
        handed_in = nbformat.read(course / "release" / LIST / f"{NOTEBOOK}.ipynb", as_version=4)
        cell = next(c for c in handed_in.cells if c.metadata.get("nbgrader", {}).get("solution"))
        cell.source = answer
        folder = course / "submitted" / student / LIST
        folder.mkdir(parents=True)
        (folder / f"{NOTEBOOK}.ipynb").write_text(json.dumps(handed_in))
    command = Path(sys.executable).with_name("gradebook")
    subprocess.run([command, "similarity", LIST, "--course", str(course)], check=True, capture_output=True)
    return course / "reports" / f"{LIST}-similarity.html"


@pytest.mark.parametrize("width", [390, 1280])
def test_both_sides_are_there_and_nothing_is_loaded(chromium: Browser, file: Path, width: int) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 844})
    seen = Seen(page)
    page.goto(file.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
    text = page.locator("main").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()
    assert "aluna01" in text
    assert "aluna02" in text
    assert "valores" in text
    assert "numeros" in text
    assert "g.p7" not in text
    assert (seen.requests, seen.complaints) == ([file.as_uri()], [])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible(chromium: Browser, file: Path, scheme: Literal["light", "dark"]) -> None:
    """axe finds nothing: contrast, headings, names."""
    # axe is a script, which the page itself would forbid.
    context = chromium.new_context(bypass_csp=True, color_scheme=scheme)
    page = context.new_page()
    page.goto(file.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
    found = Axe().run(page)
    context.close()
    assert found.violations_count == 0, found.generate_report()
