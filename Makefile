# `make demo` and `make test` ask for nothing but Python 3.11 or later, make, and a package registry.
# Each makes .venv when it is not there, and installs again only when pyproject.toml has changed.

PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check install --quiet
RUN := .venv/installed-run
DEV := .venv/installed-dev
# Test processes: one more than a small machine's two cores, since some tests wait for servers and browsers.
CORES ?= 3
OUT ?= demo-out

.PHONY: help demo test lint chromium docs messages notebooks screenshots bench soak clean
.DELETE_ON_ERROR:

help:
	@echo "make demo      the main job on data_samples/, results in $(OUT)/"
	@echo "make test      ruff, mypy, import-linter and the tests"
	@echo "make lint      the same without the tests"
	@echo "make docs      write the generated pages and README examples again"
	@echo "make messages  extract, update and compile the translations"
	@echo "make notebooks run the notebooks again and keep what they show"
	@echo "make screenshots takes the pictures of docs/pages.md again, from the demonstration"
	@echo "make bench     time and memory at scale, about five minutes"
	@echo "make soak      the long tests"
	@echo "make clean     remove .venv, caches and results"

$(PY):
	@for name in $(PYTHON) python3 python3.11 python3.12 python3.13 python3.14 python; do \
	  if command -v $$name >/dev/null 2>&1 \
	     && $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	    echo "Environment: .venv, with $$($$name --version)"; \
	    $$name -m venv .venv && exit 0; \
	    rm -rf .venv; \
	    echo "No virtual environment could be made; on Debian or Ubuntu: apt-get install python3-venv" >&2; \
	    exit 1; \
	  fi; \
	done; \
	echo "Python 3.11 or later is needed; name it with: make PYTHON=/path/to/python3.11" >&2; \
	exit 1

$(RUN): pyproject.toml | $(PY)
	@echo "Installing clausematch and what it needs..."
	@$(PIP) --editable .
	@touch $@

$(DEV): pyproject.toml | $(PY)
	@echo "Installing clausematch, what it needs and the test tools..."
	@$(PIP) --editable '.[dev]'
	@touch $(RUN) $@

demo: $(RUN)
	@$(PY) -m matcher demo --output $(OUT)

test: lint chromium
	$(PY) -m pytest -n $(CORES) --dist loadfile --no-loadscope-reorder -m "not soak"

lint: $(DEV)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports

# The browser tests look for Chromium on the machine and are skipped, saying so, when there is none.
chromium:
	@if command -v chromium >/dev/null 2>&1; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	  echo "Installing Chromium for the browser tests..."; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
	    apt-get install -y -qq --no-install-recommends chromium >/dev/null && exit 0; \
	fi; \
	echo "Chromium is not here: the browser tests will be skipped. Install it, or run as root, to have them."

docs: $(DEV)
	$(PY) -m scripts.generate_docs
	$(PY) -m scripts.generate_guides

notebooks: $(DEV)
	$(PY) -m scripts.notebooks

screenshots: $(DEV) chromium
	$(PY) -m scripts.screenshots

messages: $(DEV)
	$(PY) -m scripts.messages

bench: $(RUN)
	$(PY) benchmarks/bench.py

soak: $(DEV)
	$(PY) -m pytest -m soak

clean:
	rm -rf .venv $(OUT) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find matcher models service data_samples scripts tests -name __pycache__ -type d -prune -exec rm -rf {} +
