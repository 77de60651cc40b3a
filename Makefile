# The commands of README.md. A fresh Debian or Ubuntu with Python 3.11 and Node needs nothing before them.
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help run demo test bench install install-dev lock lint migrations clean

help:
	@echo "make run    start EduNOC on http://127.0.0.1:8080 (installs what is missing)"
	@echo "make demo   start a demonstration province in a data folder of its own"
	@echo "make test   all tests, with the real daemons they need"
	@echo "make bench  measure against the peers and write docs/benchmarks.md"

run: install
	@$(BIN)/python app.py run

demo: install
	@$(BIN)/python app.py demo

test: install-dev
	@$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

bench: install-dev
	@$(BIN)/python -m benchmarks

install: $(VENV)/.installed dashboards/static/vendor/manifest.json

install-dev: install $(VENV)/.installed-dev
	@deploy/system_packages.sh

$(VENV)/bin/python:
	@python=$$(PYTHON="$(PYTHON)" deploy/find_python.sh) && deploy/make_venv.sh "$$python" $(VENV)

$(VENV)/.installed: requirements.txt | $(VENV)/bin/python
	@echo "Installing the Python packages that EduNOC runs on ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	@echo "Installing the Python packages of tests and benchmarks ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

FRONTEND := dashboards/frontend
FRONTEND_SOURCES := $(FRONTEND)/build.mjs $(FRONTEND)/icons.json $(FRONTEND)/keep.txt \
  $(shell find dashboards/templates dashboards/static/own -type f 2>/dev/null)

$(FRONTEND)/node_modules/.package-lock.json: $(FRONTEND)/package-lock.json
	@command -v npm >/dev/null || { echo "Node.js with npm is missing. Install it (Debian: apt install nodejs npm), then run make again."; exit 2; }
	@echo "Installing the front-end packages ..."
	@cd $(FRONTEND) && npm ci --silent --no-audit --no-fund
	@touch $@

# The style sheet keeps only what templates use, the sprite only the icons named: both follow their sources
dashboards/static/vendor/manifest.json: $(FRONTEND)/node_modules/.package-lock.json $(FRONTEND_SOURCES)
	@cd $(FRONTEND) && node build.mjs

# After a change of requirements*.in; needs uv. No download addresses get into the files.
lock:
	uv pip compile -q --generate-hashes --no-header --no-annotate --python-version 3.11 --universal requirements.in -o requirements.txt
	uv pip compile -q --generate-hashes --no-header --no-annotate --python-version 3.11 --universal requirements-dev.in -o requirements-dev.txt

lint: install-dev
	@$(BIN)/ruff check .

# make migrations MESSAGE="what changed"
migrations: install
	@$(BIN)/python -m deploy.new_migration "$(MESSAGE)"

clean:
	rm -rf $(VENV) dashboards/frontend/node_modules dashboards/static/vendor
