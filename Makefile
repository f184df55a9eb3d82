# Short names for scripts/; each does all of its own setting up.
.PHONY: setup run once test check fmt migration

setup:
	scripts/bootstrap dev

run:
	scripts/demo

once:
	scripts/demo --once

test:
	scripts/test

check:
	scripts/check

fmt: setup
	.venv/bin/python -m ruff check --fix-only --quiet .
	.venv/bin/python -m ruff format --quiet .

# make migration m="Say what it changes"
migration: setup
	.venv/bin/python -m flask --app wsgi db revision -m "$(m)"
