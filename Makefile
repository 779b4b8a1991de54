# Everything runs in .venv with pinned, hashed dependencies. A fresh machine needs Python 3.11, make and git.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --require-hashes
PACKAGES := domain ingest classify router connectors store web unchain

# Seconds for each target of `make fuzz`, and the targets.
FUZZ_SECONDS ?= 600
FUZZ_TARGETS ?= mail plain html fields enclosed journal threads

.PHONY: demo test fuzz check format lint types imports lock clean

demo: $(VENV)/.runtime  ## an invented company's mail through a whole installation, on free local ports
	$(BIN)/unchain demo $(ARGS)

test: $(VENV)/.dev  ## the whole suite; ARGS="-k threading" picks some
	$(BIN)/python -m pytest $(ARGS)

fuzz: $(VENV)/.dev  ## looks for mails that break the reader; what it learns stays in .fuzz/ for the next time
	@for target in $(FUZZ_TARGETS); do mkdir -p .fuzz/$$target; \
		$(BIN)/python -m tests.fuzz $$target .fuzz/$$target -max_total_time=$(FUZZ_SECONDS) || exit 1; done

check: format lint types imports test  ## everything that must be green before a commit

format: $(VENV)/.dev
	$(BIN)/ruff format --check .

lint: $(VENV)/.dev
	$(BIN)/ruff check .

types: $(VENV)/.dev
	$(BIN)/mypy

imports: $(VENV)/.dev
	$(BIN)/lint-imports

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements/runtime.txt requirements/build.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing the pinned dependencies into $(VENV) (once, a minute or two) …"
	$(PIP) -r requirements/runtime.txt -r requirements/build.txt
	$(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime
	$(PIP) -r requirements/dev.txt
	@touch $@

lock:  ## pin anew, with hashes and without any index address; needs pip-tools on the PATH
	pip-compile $(LOCK) --output-file requirements/build.txt requirements/build.in
	pip-compile $(LOCK) --output-file requirements/runtime.txt pyproject.toml
	pip-compile $(LOCK) --extra dev --constraint requirements/runtime.txt --output-file requirements/dev.txt pyproject.toml
LOCK := --quiet --generate-hashes --strip-extras --allow-unsafe --no-header --no-emit-index-url \
	--no-emit-find-links --no-emit-trusted-host --no-emit-options

clean:
	rm -rf $(VENV) build *.egg-info
