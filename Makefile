# `make run` starts the tracker with invented data, `make test` runs every test, `make help` lists the rest.
# Needs Python 3.11 or newer and nothing else; everything it makes is in .venv/ and var/.

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
APPS := actors objectives indicators nap

# The demonstration on this machine: plain http and invented data. DATABASE_URL is honoured; without it, SQLite in var/.
DEMONSTRATION = NAP_SECRET_KEY="$$(cat var/secret-key)" NAP_HTTPS=0 NAP_DEMONSTRATION=1
# Tools and tests sign nothing that leaves this machine.
THROWAWAY_KEY = NAP_SECRET_KEY="$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))')"
TESTS = $(THROWAWAY_KEY) NAP_HTTPS=0 NAP_DEMONSTRATION=0 NAP_DEBUG=0
PRODUCTION = $(THROWAWAY_KEY) NAP_HTTPS=1 NAP_DEMONSTRATION=0 NAP_DEBUG=0 NAP_ALLOWED_HOSTS=plan.example.org \
	DATABASE_URL=postgres://nap@localhost/nap CACHE_URL=dbcache://nap_cache EMAIL_URL=smtp+tls://mail.example.org:587

.DEFAULT_GOAL := help
.PHONY: run test check lint format requirements clean help

run: .venv/installed var/secret-key var/static-collected ## Serve the demonstration on http://127.0.0.1:8000 (PORT=… for another)
	@$(DEMONSTRATION) $(BIN)/python manage.py preparedemo
	@echo "Open http://127.0.0.1:$(PORT)/ — stop with Ctrl-C"
	@$(DEMONSTRATION) exec $(BIN)/gunicorn nap.wsgi --bind 127.0.0.1:$(PORT) --workers 2 --threads 4 --preload \
		--no-control-socket --log-level warning

test: .venv/installed-dev ## Run every test (DATABASE_URL=postgres://… runs them there; PYTEST=… adds options)
	@$(TESTS) $(BIN)/python -m pytest -n auto $(PYTEST)

check: .venv/installed-dev ## All that CI checks beside the tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	@$(TESTS) DATABASE_URL=sqlite://:memory: $(BIN)/mypy
	@$(TESTS) DATABASE_URL=sqlite://:memory: $(BIN)/python manage.py makemigrations --check --dry-run
	@$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive $(APPS)
	@$(BIN)/python .ci/licences.py requirements.txt requirements-dev.txt
	@$(BIN)/python .ci/audit.py requirements.txt requirements-dev.txt

lint: .venv/installed-dev ## Only what ruff finds
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

format: .venv/installed-dev ## Put the code in ruff's format and mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

requirements: ## Pin what pyproject.toml asks for, with hashes (needs uv)
	@command -v uv >/dev/null || { echo "uv is not installed: see its documentation, or \`pip install uv\`."; exit 1; }
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		pyproject.toml --output-file requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--group dev --constraint requirements.txt pyproject.toml --output-file requirements-dev.txt

clean: ## Delete what the tools made; the data in var/ stays
	rm -rf .venv .mypy_cache .ruff_cache .hypothesis var/static var/static-collected
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- What the above is made of ------------------------------------------------------------------------------------

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed, and $(PYTHON) is not. Name one: make PYTHON=/path/to/python3 …"; exit 1; }
	@$(PYTHON) -m venv .venv || { \
		echo "No virtual environment could be made. On Debian and Ubuntu: apt install python3-venv"; rm -rf .venv; exit 1; }

# Again only when the pinned requirements changed.
.venv/installed: requirements.txt | $(BIN)/python
	@echo "Installing the packages of requirements.txt …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.txt
	@touch $@

.venv/installed-dev: requirements-dev.txt requirements.txt | $(BIN)/python
	@echo "Installing the packages of requirements-dev.txt …"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-dev.txt
	@touch .venv/installed $@

# Made once and kept: a new key would sign everybody out.
var/secret-key: | $(BIN)/python
	@mkdir -p var
	@umask 077; $(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))' > $@.new && mv $@.new $@

# Again only when a static file, or a package that may bring some, changed.
var/static-collected: .venv/installed var/secret-key $(shell find static)
	@$(DEMONSTRATION) $(BIN)/python manage.py collectstatic --clear --noinput --verbosity 0
	@touch $@
