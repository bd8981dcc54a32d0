# Everything a newcomer needs: `make demo` and `make test`. Python 3.11 or newer and make suffice.

PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv

.PHONY: help demo test lint types tests bench faults worlds lock screenshots clean

help:
	@echo "make demo         simulated groups to play with, on http://127.0.0.1:8000, and a local WeCom beside"
	@echo "make test         format, lint, types, import contracts and all tests"
	@echo "make bench        the figures of docs/figures.md, measured here and written there; fails when a promise is broken"
	@echo "make faults       real processes killed, stopped and cut off, a million hostile events, a month: for hours;"
	@echo "                  fails when a promise is broken"
	@echo "make worlds       simulated worlds in which everything fails (N=1000), or one step by step (SEED=17)"
	@echo "make screenshots  the pictures in docs/, taken anew"
	@echo "make lock         pin the newest versions that pyproject.toml allows"

PHONES ?= 8900
demo: .venv/run
	$(BIN)/python -m tests.gateways.wecom.beside --port $(PHONES)

test: lint types tests

lint: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-logo

types: .venv/dev
	$(BIN)/mypy

tests: .venv/dev
	$(BIN)/pytest -n auto

bench: .venv/dev
	$(BIN)/python -m tests.bench --write

faults: .venv/dev
	$(BIN)/python -m tests.faults

N ?= 100
worlds: .venv/dev
	$(BIN)/python -m tests.worlds $(if $(SEED),--seed $(SEED),$(N))

screenshots: .venv/dev
	$(BIN)/python -m tests.browser.screenshots
	$(BIN)/python -m tests.posters.pictures

# Hash-pinned, installed by uv, which comes hash-pinned from the same place as everything else.
.venv/uv: requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name it: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/uv.txt
	@touch $@

.venv/run: .venv/uv requirements/run.txt
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/run.txt
	@touch $@

.venv/dev: .venv/uv requirements/dev.txt
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@touch $@ .venv/run

COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-header --no-emit-index-url --no-emit-find-links --upgrade

lock: .venv/uv
	$(COMPILE) requirements/uv.in -o requirements/uv.txt
	$(COMPILE) pyproject.toml -o requirements/run.txt
	$(COMPILE) pyproject.toml --group dev -o requirements/dev.txt

clean:
	rm -rf .venv .data .mypy_cache .ruff_cache .pytest_cache .hypothesis
