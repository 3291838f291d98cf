# Recovery Desk. `make help` lists the commands; docs/running.md the settings.
PYTHON ?= python3
BIN := .venv/bin
LAUNCHER := $(BIN)/python -m config.launcher

.PHONY: help run stop test soak lint bench screens clean lock prepare

help:      ## this list
	@sed -n 's/^\([a-z]*\):[^#]*## /  make \1\t/p' Makefile

prepare:
	@$(PYTHON) config/launcher/prepare.py

run: prepare  ## start the desk, with a demonstration on first run (DEMO=0 starts empty); Ctrl-C ends it
	@$(LAUNCHER) run

stop: prepare  ## stop embedded servers that a management command left running
	@$(LAUNCHER) stop

test: prepare  ## all tests, browser tests included (ARGS="-k name" for some)
	@$(LAUNCHER) browser
	$(BIN)/pytest -n 2 $(ARGS)

soak: prepare  ## the long tests: kills, restarts and mutations at full size
	HYPOTHESIS_EXAMPLES=200 $(BIN)/pytest -m soak $(ARGS)

lint: prepare  ## ruff, mypy, import rules, templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/djlint --lint templates

bench: prepare  ## benchmarks, one JSON object a line (QUICK=1 for a short run)
	@$(BIN)/python -m benchmarks

screens: prepare  ## pictures of the screens, from a desk with the demonstration
	@$(LAUNCHER) browser
	@$(BIN)/python -m benchmarks.screens

clean:     ## remove everything made here: data, environment, caches (stops the servers first)
	@if [ -x $(BIN)/python ]; then $(LAUNCHER) delete-data; \
		for folder in .data-test .data-bench .data-screens; do DATA_DIR=$$folder $(LAUNCHER) delete-data; done; fi
	rm -rf .venv .data .data-test .data-bench .data-screens .screens .static .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

lock:      ## write requirements/lock.txt anew (needs uv on PATH)
	uv pip compile pyproject.toml --group dev --universal --generate-hashes --no-header --no-annotate \
		--no-emit-index-url --output-file requirements/lock.txt
	sed -i '1i # Everything the desk runs on and is tested with, for Python 3.11 and later. Written by `make lock`.' \
		requirements/lock.txt
