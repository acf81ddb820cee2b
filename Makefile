# Every goal sets up what it needs: Python 3.11 or newer, pip and make are enough.
.DEFAULT_GOAL := help
.SUFFIXES:
SHELL := /bin/sh

PYTHON ?= $(shell tools/find_python.sh)
BIN := .venv/bin
PIP_INSTALL := -m pip install -qq --disable-pip-version-check --require-hashes --no-deps --only-binary :all:
PIP_PROJECT := -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
# Tests that meet both stores; without a server they skip its half.
POSTGRES_TESTS := tests/archive $(wildcard tests/server)
RUFF_PATHS := src tests tools validation benchmarks examples

.PHONY: help fly test test-postgres slow check format generated bench validate docs lock clean
help:  ## Show the goals
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 24

fly: .venv/run.stamp  ## Fly Mission 2 from its file: search, burns, orbit, landing, report
	@$(BIN)/perilune fly missions/m2.toml --out flights/m2

test: .venv/test.stamp .venv/warm.stamp  ## Run the fast tests
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

test-postgres: .venv/test.stamp  ## Run the store's tests on a PostgreSQL server of their own
	@$(BIN)/python tools/postgres.py $(BIN)/python -m pytest $(POSTGRES_TESTS)
	@$(BIN)/python -m validation.store.kill --store postgres --times 100

check: .venv/test.stamp generated  ## Format, lint, types, import contracts, generated files
	@$(BIN)/ruff format --check $(RUFF_PATHS)
	@$(BIN)/ruff check $(RUFF_PATHS)
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@tools/lock.sh --check

generated: .venv/test.stamp  ## Check that every generated file is what its generator writes
	@for tool in $$(grep -l -e '--check' tools/*.py 2>/dev/null); do echo "$$tool --check"; $(BIN)/python $$tool --check || exit 1; done

format: .venv/test.stamp  ## Format the sources
	@$(BIN)/ruff format $(RUFF_PATHS)
	@$(BIN)/ruff check --fix $(RUFF_PATHS)

bench: .venv-bench/bench.stamp  ## Time the engine beside its peers, in one process run
	@.venv-bench/bin/python -m benchmarks

validate: .venv/validate.stamp .venv/warm.stamp  ## Run every test, slow ones too, and compare generated data with its full sources
	@for tool in $$(grep -l -e '--check' tools/*.py 2>/dev/null); do echo "$$tool --check --full"; $(BIN)/python $$tool --check --full || exit 1; done
	@$(BIN)/python -m pytest -m 'not network' --numprocesses 2 --dist loadfile tests validation

docs: .venv/test.stamp  ## Write the generated files and pages again
	@for tool in $$(grep -l -e '--check' tools/*.py 2>/dev/null); do echo "$$tool"; $(BIN)/python $$tool || exit 1; done

lock:  ## Write the lock files again (needs PyPI)
	@tools/lock.sh --upgrade

clean:  ## Remove the environments and what was flown
	@rm -rf .venv .venv-bench .venv-lock flights

# --- set-up, once; a stamp says what is installed ---

.venv/bin/python:
	@tools/make_venv.sh "$(PYTHON)" .venv

.venv/run.stamp: .venv/bin/python locks/run.txt pyproject.toml
	@echo "Installing perilune (once) ..."
	@$(BIN)/python $(PIP_INSTALL) --requirement locks/run.txt
	@$(BIN)/python $(PIP_PROJECT)
	@touch $@

.venv/test.stamp: .venv/bin/python locks/test.txt pyproject.toml
	@echo "Installing perilune and its test tools (once) ..."
	@$(BIN)/python $(PIP_INSTALL) --requirement locks/test.txt
	@$(BIN)/python $(PIP_PROJECT)
	@touch .venv/run.stamp $@

.venv/validate.stamp: .venv/test.stamp locks/validate.txt
	@echo "Installing the full ephemeris (once) ..."
	@$(BIN)/python $(PIP_INSTALL) --requirement locks/validate.txt
	@touch $@

.venv/warm.stamp: .venv/test.stamp $(shell find src -name '_kernels*.py' -o -name _jit.py)
	@$(BIN)/python tools/warm_up.py
	@touch $@

.venv-bench/bin/python:
	@tools/make_venv.sh "$(PYTHON)" .venv-bench

.venv-bench/bench.stamp: .venv-bench/bin/python locks/bench.txt pyproject.toml
	@echo "Installing perilune and its peers (once, about 1 GB) ..."
	@.venv-bench/bin/python $(PIP_INSTALL) --requirement locks/bench.txt
	@.venv-bench/bin/python $(PIP_PROJECT)
	@touch $@
