# One door for everything. `make demo` and `make test` are all that a newcomer needs.
BIN := .venv/bin

.PHONY: help setup demo test test-slow check format lint types imports content clean

help:
	@echo "make demo       set up from nothing, then grade a right, a half-right and a cheating submission per exercise"
	@echo "make test       set up from nothing, then run the tests"
	@echo "make check      format, lint, types, import contracts, content, tests: what must pass before a commit"
	@echo "make test-slow  the tests that take longer"

setup: .venv/ready

.venv/ready: pyproject.toml constraints.txt scripts/setup
	@sh scripts/setup

demo: setup
	@$(BIN)/viva demo

test: setup
	@$(BIN)/python -m pytest -q -m "not slow"

test-slow: setup
	@$(BIN)/python -m pytest -q -m slow

check: format lint types imports content test

format: setup
	@$(BIN)/ruff format --check grader tests

lint: setup
	@$(BIN)/ruff check grader tests exercises reference

types: setup
	@$(BIN)/mypy

imports: setup
	@$(BIN)/lint-imports --no-logo

content: setup
	@$(BIN)/viva check --quick --seeds 1

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache dist
