# Everything a person or the build machine does here. `make help` lists it.
#
#   make run PORT=8080 DATA=/srv/chat     PORT and DATA may be left out
#   make PYTHON=/usr/bin/python3.12 run   another Python, 3.11 or later
#
# Only Python with its venv module is needed. PostgreSQL, Valkey and Node.js come as locked Python
# packages into .venv and run from there.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install -qq --disable-pip-version-check --no-input
YAML := {extends: default, rules: {document-start: disable, line-length: {max: 100}}}

# Each stamp is a copy of what was installed last. It is compared by content each time, which takes
# some milliseconds; a touched file installs nothing again.
MADE := $(VENV)/made-here
RUN := $(VENV)/installed-run
DEV := $(VENV)/installed-dev
SELF := $(VENV)/installed-self

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test bench lint check web wheel clean lock format \
	ruff types imports web-check yaml shell ALWAYS

help:
	@echo 'make run     install what is missing, then start the server with a sample community'
	@echo 'make test    run the whole test suite (ARGS="-k name" chooses)'
	@echo 'make bench   measure this server on this machine (ARGS="--help" says what and how)'
	@echo 'make lint    look over the style of Python, YAML and shell files'
	@echo 'make check   lint, and check types, the import rules and the web client'
	@echo 'make format  put Python files into the common format'
	@echo 'make web     build the web client'
	@echo 'make wheel   build an installable wheel in dist/'
	@echo 'make lock    choose the newest versions anew and lock them'
	@echo 'make clean   remove what make made; data/ stays'

run: $(SELF) web
	@exec env $(if $(PORT),CHATSERVER_PORT='$(PORT)') $(if $(DATA),CHATSERVER_DATA_DIR='$(DATA)') \
		$(VENV)/bin/chatserver serve --sample

test: $(DEV) web
	@$(PY) web/build.py --script test
	@$(PY) -m pytest -n auto $(ARGS)

bench: $(DEV)
	@$(PY) -m bench.run $(ARGS)

lint: ruff yaml shell

check: lint types imports web-check

format: $(DEV)
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

ruff: $(DEV)
	@echo 'Checking the style of the Python files.'
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .

types: $(DEV)
	@echo 'Checking the types.'
	@$(PY) -m mypy

imports: $(DEV)
	@echo 'Checking who imports whom.'
	@$(VENV)/bin/lint-imports

web-check: $(DEV)
	@echo 'Checking the web client.'
	@$(PY) web/build.py --script check
	@$(PY) web/build.py --script lint
	@PATH="$(CURDIR)/$(VENV)/bin:$$PATH" $(PY) web/build.py --script protocol:check

yaml: $(DEV)
	@echo 'Checking the YAML files.'
	@$(PY) -m yamllint --strict -d '$(YAML)' docker-compose.yml

shell: $(DEV)
	@echo 'Checking the shell scripts.'
	@grep -rlE '^#!.*\b(ba|da)?sh\b' .ci docker 2>/dev/null | xargs $(VENV)/bin/shellcheck

web: $(SELF)
	@$(PY) web/build.py

wheel: $(SELF) web
	@echo 'Building the wheel.'
	@$(PY) -m pip wheel -qq --disable-pip-version-check --no-deps --no-build-isolation \
		--wheel-dir dist .
	@ls dist

clean:
	@echo 'Removing the installed packages and everything that was built.'
	@rm -rf $(VENV) dist build web/node_modules chatserver/static \
		.mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

ALWAYS:

# Scripts in the environment hold its path, so a clone that was moved gets a new one.
$(MADE): ALWAYS
	@pwd | cmp -s - $@ && $(PY) -c '' 2>/dev/null || { \
		set -e; $(check-python); \
		echo 'Making a Python environment in $(VENV).'; \
		'$(PYTHON)' -m venv --clear $(VENV); pwd >$@; }

define check-python
command -v '$(PYTHON)' >/dev/null || { \
	echo 'Python is needed, 3.11 or later, and there is no $(PYTHON) here.'; exit 1; }; \
'$(PYTHON)' -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	echo "Python 3.11 or later is needed; $(PYTHON) is $$('$(PYTHON)' -V 2>&1)."; \
	echo 'Name another one: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)'; exit 1; }; \
'$(PYTHON)' -c 'import venv, ensurepip' 2>/dev/null || { \
	echo 'The venv module of $(PYTHON) is missing; on Debian: apt install python3-venv'; exit 1; }
endef

$(RUN): $(MADE) ALWAYS
	@cat requirements/run.txt requirements/build.txt | cmp -s - $@ || { \
		set -e; echo 'Installing the locked packages; this takes up to a minute.'; \
		$(PIP) --require-hashes -r requirements/run.txt -r requirements/build.txt; \
		cat requirements/run.txt requirements/build.txt >$@; }

$(SELF): $(RUN) ALWAYS
	@cat pyproject.toml hatch_build.py | cmp -s - $@ || { \
		set -e; echo 'Linking this folder into the environment.'; \
		CHATSERVER_SKIP_WEB=1 $(PIP) --no-deps --no-build-isolation -e .; \
		cat pyproject.toml hatch_build.py >$@; }

$(DEV): $(SELF) ALWAYS
	@cmp -s requirements/dev.txt $@ || { \
		set -e; echo 'Installing the tools for tests and checks; this takes up to a minute.'; \
		$(PIP) --require-hashes -r requirements/dev.txt; \
		cp requirements/dev.txt $@; }

# uv resolves for every platform at once; it is fetched for this and thrown away. The files name
# no address: hashes say what may be installed, and pip's own settings say from where.
lock: $(MADE)
	@set -e; tool=$$(mktemp -d); trap 'rm -rf "$$tool"' EXIT; \
	'$(PY)' -m venv "$$tool"; "$$tool/bin/python" -m pip install -qq uv; \
	for set in run build dev; do \
		echo "Locking requirements/$$set.txt."; \
		(cd requirements && "$$tool/bin/uv" pip compile --quiet --universal --upgrade \
			--python-version 3.11 --generate-hashes --no-header --no-annotate \
			--no-emit-index-url --no-emit-find-links $$set.in -o $$set.txt); \
	done
