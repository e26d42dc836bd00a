# What a newcomer, a developer and CI type. `make` alone prints this list.
PYTHON ?= python3
# More than the machine has cores: half of what a story does is wait.
WORKERS ?= $(shell expr $$(nproc) + 1)
VENV   := .venv
BIN    := $(VENV)/bin
# Wheels only: a fresh machine needs no compiler and no apt.
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps

.DEFAULT_GOAL := help
.PHONY: help setup demo run test test-guest setup-guest check format bench lock clean

help:
	@echo "make setup    everything into .venv; afterwards .venv/bin/kiosk is the program"
	@echo "make demo     the kiosk with simulated modems, people and a phone; keeps nothing"
	@echo "make run      the kiosk of this machine (first: .venv/bin/kiosk init)"
	@echo "make test     the tests"
	@echo "make test-guest   simulated YubiKeys over the kernel's own hidraw, in a virtual machine; before it: make setup-guest"
	@echo "make check    format, lint, types, import contracts and the tests: what CI runs"
	@echo "make bench    the measurements beside their targets"
	@echo "make format   put the code into its form"
	@echo "make lock     resolve the dependencies anew"

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; this is `$(PYTHON) --version`. Say PYTHON=python3.12 make setup"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { echo "Type: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.installed: $(VENV)/.made requirements.lock
	$(PIP) --require-hashes --only-binary :all: -r requirements.lock
	@touch $@

$(VENV)/.kiosk: $(VENV)/.installed pyproject.toml hatch_build.py $(wildcard kiosk/language/*.po)
	$(PIP) --no-build-isolation --editable .
	@touch $@

$(VENV)/.developer: $(VENV)/.kiosk requirements-dev.lock
	$(PIP) --require-hashes --only-binary :all: -r requirements-dev.lock
	@touch $@

setup: $(VENV)/.kiosk

demo: setup
	@$(BIN)/kiosk demo

run: setup
	@$(BIN)/kiosk run

test: $(VENV)/.developer
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal $(TESTS)

# Its console, while it runs: $(VENV)/guest/console
test-guest: $(VENV)/.developer
	$(BIN)/python -m pytest -m guest -r s tests/guest

setup-guest: $(VENV)/.developer
	$(BIN)/python -m tests.guest.prepare

check: $(VENV)/.developer
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	@$(MAKE) --no-print-directory test

format: $(VENV)/.developer
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.developer
	$(BIN)/python -m tests.bench

# Needs uv. Leaves out pyscard (no Linux wheel, nothing of ours imports it) and every registry's address.
RESOLVE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate
LOCK := $(RESOLVE) --no-emit-package pyscard --no-emit-package setuptools pyproject.toml
lock:
	$(LOCK) --group build -o requirements.lock
	$(LOCK) --group build --group dev -o requirements-dev.lock
	$(RESOLVE) --no-deps --group guest -o requirements-guest.lock
	$(RESOLVE) --no-deps --group guest-source --constraint requirements.lock -o requirements-guest-source.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache dist kiosk/language/*.mo
