# Every command of this project. CI runs the same ones as a person.
.DEFAULT_GOAL := help
.PHONY: help demo load-data test check lint format types race chaos journey audit procedures docs \
	client contract contract-publish examples requirements check-postgres15 load load-hot \
	load-audit load-lists load-profile clean environment environment-dev

export PYTHON
export PATH := $(CURDIR)/.venv/bin:$(PATH)

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' Makefile

demo: environment ## Run the whole shop here until Ctrl-C (PORT=8000)
	@exec .venv/bin/python manage.py demo

load-data: export DATA_DIR := $(or $(LOAD_DIR),.data/load)
load-data: environment ## Make a large shop of its own to measure with (PRODUCTS=10000 ORDERS=10000)
	@.venv/bin/python manage.py migrate --verbosity 0
	@.venv/bin/python manage.py procedures install
	@.venv/bin/python manage.py seed --products $(or $(PRODUCTS),10000) \
		--orders $(or $(ORDERS),10000)
	@.venv/bin/python manage.py shelf
	@echo "serve it with: DATA_DIR=$(DATA_DIR) make demo"

test: environment-dev ## Run every test on servers of its own
	@exec python -m pytest

check: lint types ## Run every check that needs no running shop
	lint-imports
	python manage.py makemigrations --check --dry-run
	python manage.py procedures check
	sh .ci/migrations-safe
	deptry .
	bandit --quiet --configfile pyproject.toml --recursive commerce config manage.py

.PHONY: security
security: environment-dev ## Look for secrets and careless code, and try every door
	sh .ci/no-secrets
	bandit --quiet --configfile pyproject.toml --recursive commerce config manage.py
	python -m pytest tests/security tests/gates/test_threat_model.py

lint: environment-dev ## Check format and style
	ruff format --check .
	ruff check .

format: environment-dev ## Put the code into the house's format
	ruff format .
	ruff check --fix .

types: environment-dev ## Check the type hints
	mypy commerce config manage.py tests

race: environment-dev ## Run the races at full size (RACE_FULL=0: as in make test)
	@export RACE_FULL=$${RACE_FULL:-1}; exec python -m pytest tests/concurrency

chaos: environment-dev ## Kill everything at random, again and again (CRASH_TRIALS=300)
	@export CRASH_TRIALS=$${CRASH_TRIALS:-300}; exec python -m pytest tests/crash

load-hot: environment-dev ## Measure a flash sale on one stock row, 1 to 64 clients
	@export DATA_DIR=.data/load-hot DJANGO_SETTINGS_MODULE=config.settings; \
		exec python -m tests.load.hot

journey: environment ## Buy in the running demo, online and by cash on delivery
	@exec .venv/bin/python -m tests.journeys.purchase

audit: environment ## Audit the demo's data; fails when an invariant is broken
	@exec .venv/bin/python manage.py audit

load: export DATA_DIR := $(or $(LOAD_DIR),.data/load)
load: environment ## Measure reads and purchase over HTTP on what `make load-data` made
	@exec .venv/bin/python -m tests.load.web

load-lists: export DATA_DIR := $(or $(LOAD_DIR),.data/load)
load-lists: environment ## Measure lists, searches and suggestions on what `make load-data` made
	@exec .venv/bin/python -m tests.load.lists

load-profile: export DATA_DIR := $(or $(LOAD_DIR),.data/load)
load-profile: environment ## Show where the time of a purchase goes, on what `make load-data` made
	@exec .venv/bin/python -m tests.load.profile

load-audit: export DATA_DIR := $(or $(LOAD_DIR),.data/load)
load-audit: environment ## Time each pass of the audit on what `make load-data` made
	@exec .venv/bin/python -m tests.load.audit

contract: environment-dev ## Hold docs/openapi.yaml against the code, its rules and the last release
	python -m pytest -q tests/contracts/test_examples.py tests/contracts/test_breaking.py \
		tests/gates/test_api_docs.py tests/api/test_contract.py
	npm --prefix tests/contracts ci --ignore-scripts --no-audit --no-fund --loglevel error
	cd tests/contracts && npx --no-install spectral lint ../../docs/openapi.yaml \
		--ruleset spectral.yaml --fail-severity warn
	python -m tests.contracts.breaking tests/contracts/v1/openapi.yaml docs/openapi.yaml

contract-publish: contract ## Make docs/openapi.yaml the contract that later ones must not break
	cp docs/openapi.yaml tests/contracts/v1/openapi.yaml

examples: environment-dev ## Record the contract's examples anew from a made-up shop
	python -m tests.contracts.record
	$(MAKE) docs

client: environment-dev ## Compile the app's client from the contract, buy with it, run its drills (Node 20)
	@exec python -m pytest tests/contracts/test_client.py

.PHONY: fuzz fuzz-short
fuzz-short: environment-dev ## Ask every operation for the odd, as in make test
	@exec python -m pytest tests/contracts/test_fuzz.py tests/contracts/test_hostile_input.py

fuzz: environment-dev ## Ask every operation for the odd, at length (FUZZ_EXAMPLES=500)
	@export FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-500} ACCESS_TOKEN_SECONDS=86400; \
		exec python -m pytest tests/contracts/test_fuzz.py tests/contracts/test_hostile_input.py

procedures: environment ## Check the procedure files and show what an install would do
	python manage.py procedures check
	python manage.py procedures plan

docs: environment-dev ## Write the documents that are made from the code
	python manage.py spectacular --validate --file docs/openapi.yaml
	python manage.py error_docs
	python manage.py schema_docs
	python manage.py api_docs

requirements: environment-dev ## Pin the newest versions that requirements*.in allow
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--upgrade requirements.in --output-file requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--upgrade requirements-dev.in --output-file requirements-dev.txt

check-postgres15: environment-dev ## Migrate and check procedures on an installed PostgreSQL 15
	@exec bash .ci/postgres15

clean: ## Remove what the commands made, the demo's data included
	rm -rf .venv .data .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .coverage

environment:
	@sh .ci/environment requirements.txt

environment-dev:
	@sh .ci/environment requirements-dev.txt
