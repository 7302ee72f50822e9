# Every developer verb. `make demo` and `make test` work from a clean clone with Python >= 3.11, make and git alone.

PYTHON ?= python3
BIN := .venv/bin
UV := $(shell command -v uv 2>/dev/null)
# Two to four test processes, whatever the machine has: more would starve the daemons that they start.
SIDE_BY_SIDE := -n auto --maxprocesses=4
# For uv, too, the machine's own certificates count.
export UV_NATIVE_TLS ?= 1

.PHONY: help demo run test test-service test-systemd check format faults faults-steps faults-moments faults-channels faults-clock faults-rest faults-hostile corpus bench bench-names man dist lock clean

help:  ## Show what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: .venv/ready  ## See it work, offline, in seconds
	@$(BIN)/feedwatch demo

run: .venv/ready  ## Watch with ./config.toml until Ctrl-C
	@$(BIN)/feedwatch run

test: .venv/ready  ## Run the tests
	$(BIN)/pytest -q $(SIDE_BY_SIDE)

test-service: .venv/ready  ## Whole services and packages: control socket, backups, health, wheel; minutes
	$(BIN)/pytest -q $(SIDE_BY_SIDE) -m service --timeout=300

check: .venv/ready  ## Format, lint, types, import contracts, tests: what must be green before a commit
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q $(SIDE_BY_SIDE)

format: .venv/ready  ## Format and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

faults: .venv/ready  ## Kill it, cut its channels, attack it: minutes (FULL=1: the large counts)
	FAULTS=1 $(MAKE) --no-print-directory --keep-going -j6 --output-sync=target $(FAULTS_APART)

# Apart, for they wait more than they work: side by side they take as long as the longest.
FAULTS_APART := faults-steps faults-moments faults-channels faults-clock faults-rest faults-hostile
FAULTS_RUN = $(BIN)/pytest -q -m faults --timeout=7200 --durations=8

faults-steps:
	$(FAULTS_RUN) tests/faults/test_kill.py -k named

faults-moments:
	$(FAULTS_RUN) tests/faults/test_kill.py -k random

faults-channels:
	$(FAULTS_RUN) tests/faults/test_channels.py

faults-clock:
	$(FAULTS_RUN) tests/faults/test_clock.py

faults-rest:
	$(FAULTS_RUN) tests/faults $(addprefix --ignore=tests/faults/,test_kill.py test_channels.py test_clock.py)

faults-hostile:
	$(FAULTS_RUN) tests/hostile

test-systemd: .venv/ready  ## As root: boot a real systemd and try the service on it (SUITE=trixie: a newer one)
	SYSTEMD=1 $(BIN)/pytest -v -p no:randomly --timeout=900 tests/systemd

corpus: .venv/ready  ## Every real page and feed of ../shared
	FULL=1 $(BIN)/pytest -q -m corpus --timeout=1800 tests/corpus

bench: .venv/ready  ## How fast, as ratios to what one could do at best
	$(BIN)/python -m bench

bench-names: .venv/ready  ## How many mentions of names are found, by language (GOLD=folder with ru.tsv and others)
	$(BIN)/python -m bench.names $(GOLD)

man: .venv/ready  ## Write the manual page and the shells' completions anew from the commands
	$(BIN)/python -m feedwatch.cli.manual > man/feedwatch.1
	for shell in bash zsh fish; do _FEEDWATCH_COMPLETE=source_$$shell $(BIN)/feedwatch | sed '/./,$$!d' > completions/feedwatch.$$shell; done

dist: .venv/ready  ## Build the wheel and the sdist in dist/
	rm -rf dist
	$(BIN)/python -m hatchling build

lock:  ## Make requirements.lock anew from pyproject.toml (needs uv)
	uv pip compile --universal --no-annotate --no-emit-index-url --group dev pyproject.toml -o requirements.lock

clean:  ## Remove what was made here
	rm -rf .venv dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/ready: pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo 'feedwatch needs Python 3.11 or newer as $(PYTHON) (name another: make PYTHON=python3.13 $(MAKECMDGOALS))'; exit 1; }
ifdef UV
	uv venv --quiet --allow-existing --python $(PYTHON) .venv
	uv pip install --quiet --python $(BIN)/python -r requirements.lock -e .
else
	@$(PYTHON) -c 'from ensurepip import version' 2>/dev/null || \
	    { echo '$(PYTHON) cannot make virtual environments (on Debian and Ubuntu: apt install python3-venv)'; exit 1; }
	@echo 'Setting up .venv: about a minute, once.'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock -e .
endif
	@touch $@
