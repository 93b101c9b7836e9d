# `make help` lists the verbs. The first one builds .venv; later ones reuse it.
#
#   make PYTHON=python3.12 test     choose the interpreter that .venv is built with
#   make test ARGS="-m 'not slow'"  pass options on to pytest (or to the demo)

PYTHON ?= python3
ARGS ?=
BIN := .venv/bin
READY := .venv/.ready
LOCKED := pyproject.toml requirements/build.in requirements/constraints.in
COMPILE = UV_PYTHON_DOWNLOADS=never $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade) --constraint requirements/constraints.in

.PHONY: help demo test audit classroom lint hub data lock release docs bench clean
.DELETE_ON_ERROR:

help:  ## what make can do
	@sed -n 's/^\([a-z]*\):.*##  *\(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16

demo: data  ## grade a small class, with progress bars and a table of scores at the end
	$(BIN)/autograder demo $(ARGS)

test: data  ## the test suite, its files side by side (ARGS="-n 0": one after the other)
	$(BIN)/pytest -n logical --maxprocesses 4 --dist loadfile $(ARGS)

audit: data  ## tests of the tests: the whole bank of exemplars, then mutants of the solutions
	$(BIN)/autograder audit lista12 --all $(ARGS)
	$(BIN)/pytest -m audit

classroom: data  ## students, a TA and an instructor in real browsers, on a hub of its own (as root; Debian's chromium)
	$(BIN)/pytest -m hub -n 0 tests/classroom $(ARGS)

lint: $(READY)  ## ruff, mypy, the rules of who may import whom, Dockerfiles
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hadolint hub/images/*.Dockerfile

hub: data  ## JupyterHub with the course on this machine, as root, without Docker (http://127.0.0.1:8000)
	$(BIN)/python -m hub up hub/examples/local.toml --roster hub/examples/roster.csv

data: $(READY)  ## fetch and verify the datasets
	$(BIN)/autograder data

release: data  ## the student version and the solutions of list #12
	$(BIN)/autograder release lista12 --solutions

docs: $(READY)  ## the page of checks, and all guides as a site: build/site/index.html
	$(BIN)/python docs/checks.py
	$(BIN)/zensical build --clean --strict

bench: data  ## one class under stock nbgrader and here: speed, memory, growth, regrading, records, kills (90 min)
	$(BIN)/python benchmarks/bench.py $(ARGS)

lock: $(READY)  ## write requirements/*.txt and environment*.yml anew (UPGRADE=1: newest versions)
	$(COMPILE) pyproject.toml requirements/build.in --extra cpu --extra dev -o requirements/dev.txt
	echo uv | $(COMPILE) --constraint requirements/dev.txt --no-annotate - -o requirements/uv.txt
	for extras in cpu gpu cpu+hub gpu+hub dask; do \
		name=$$(echo $$extras | sed 's/cpu+hub/hub/; s/gpu+hub/hub-gpu/'); \
		$(COMPILE) --constraint requirements/dev.txt pyproject.toml $$(printf -- ' --extra %s' $$(echo $$extras | tr + ' ')) \
			-o requirements/$$name.txt || exit 1; \
	done
	$(BIN)/python requirements/conda.py

clean:  ## remove what can be made again (never grades, submissions or the holdout key)
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): pyproject.toml requirements/bootstrap.sh requirements/dev.txt requirements/uv.txt
	PYTHON='$(PYTHON)' sh requirements/bootstrap.sh $(MAKECMDGOALS)
	touch $@
