# Needs Python 3.11 or later, git, make and a package index; everything else is installed into .venv.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEMO ?= demo

.PHONY: demo test lint types contracts docs check setup clean

setup: $(STAMP)

$(STAMP): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "fillplan needs Python 3.11 or later; name one with: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

demo: $(STAMP)  ## one night on the embedded synthetic sample, the report at the end
	rm -rf $(DEMO) && cp -r data/sample $(DEMO)
	$(BIN)/fillplan nightly $(DEMO)

test: $(STAMP)  ## the whole suite
	$(BIN)/python -m pytest -n 2

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

contracts: $(STAMP)
	$(BIN)/lint-imports

docs: $(STAMP)  ## documents that follow from the code
	$(BIN)/python -m fillplan_data.schema
	$(BIN)/python -m fillplan.cli.documents docs

check: lint types contracts test

clean:  ## what the targets above made
	rm -rf .venv .venv-newer $(VENV) $(DEMO)
