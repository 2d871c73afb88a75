# Everything a developer needs. Each target sets up what it needs, once.

PORT ?= 8000
BIN := .venv/bin
# Chosen by trying: a version manager's stand-in can be on PATH and still not run.
SUPPORTED := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))
LOCK := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --quiet
# What an installation would set, so that `check --deploy` judges one.
AS_INSTALLED := DEBUG=false DATABASE_URL=postgresql://verdant@database/verdant REDIS_URL=redis://redis/0 \
	ALLOWED_HOSTS=verdant.example.com \
	SECRET_KEY=only-for-the-check-and-long-enough-to-count-as-a-secret-0123456789-abcdefghij

.PHONY: help demo test check format lock bench clean
.DELETE_ON_ERROR:

help:
	@echo "make demo    run Verdant on this machine (PORT=$(PORT))"
	@echo "make test    run the tests"
	@echo "make check   everything else that CI insists on"
	@echo "make format  let ruff put the code in shape"
	@echo "make bench   run the benchmarks"
	@echo "make lock    pin the dependencies anew, after a change of pyproject.toml"
	@echo "make clean   remove what these targets made; data stays"

demo: .venv/installed-demo
	@exec $(BIN)/python manage.py demo --port $(PORT)

test: .venv/installed-dev
	@$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

check: .venv/installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/mypy
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(AS_INSTALLED) $(BIN)/python manage.py check --deploy --fail-level WARNING

format: .venv/installed-dev
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

bench: .venv/installed-dev
	@$(BIN)/python -m tests.benchmarks $(ARGS)

# The files keep the versions they pin; `make lock ARGS=--upgrade` looks for newer ones.
lock: .venv/installed-dev
	$(LOCK) $(ARGS) --extra embedded --extra dev -o requirements/dev.txt
	$(LOCK) $(ARGS) --extra embedded -c requirements/dev.txt -o requirements/demo.txt
	$(LOCK) $(ARGS) -c requirements/dev.txt -o requirements/app.txt

clean:
	rm -rf .venv staticfiles .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

.venv/installed-%: requirements/%.txt | .venv/bin/python
	@echo "Installing requirements/$*.txt …"
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

.venv/bin/python:
	@for python in $(PYTHON) python3.11 python3.12 python3 python; do \
		if $$python -c '$(SUPPORTED)' 2>/dev/null; then exec $$python -m venv .venv; fi; \
	done; \
	echo "Verdant needs Python 3.11 or 3.12 with its venv module (on Debian and Ubuntu: apt install python3-venv)." >&2; \
	echo "Where it is not on PATH, name it: make PYTHON=/path/to/python3.11 …" >&2; \
	exit 1
