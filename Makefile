# One door for everything. `make demo` and `make test` are all that a newcomer needs.
BIN := .venv/bin

.PHONY: help setup demo test test-quick test-slow check format lint types imports content content-changed content-all \
	fuzz soak chaos steady bench gpu clean

help:
	@echo "make demo       set up from nothing, then grade a right, a half-right and a cheating submission per exercise"
	@echo "make test       set up from nothing, then run the tests, as many parts side by side as there are cores"
	@echo "make check      format, lint, types, import contracts, content, quick tests: what must pass before a commit (under 5 minutes)"
	@echo "make test-slow  the tests that take longer"
	@echo "make content-all      prove every claim about every exercise, and keep that on record (over half an hour)"
	@echo "make content-changed  the same of what has changed since, and of another tenth each day"
	@echo "make bench      what a verdict costs here, side by side with a cold pytest"
	@echo "make soak       5,000 mixed verdicts on one engine: all as they should be, nothing leaks (VERDICTS=N for fewer)"
	@echo "make steady     200 verdicts of each reference on 200 seeds with every core busy: none may fail (over an hour)"
	@echo "make chaos      10,000 submissions to a grading backend under SIGKILL, SIGSTOP and a cut network (SUBMISSIONS=N for fewer)"
	@echo "make gpu        what only a GPU can show: doctor, probes, references and mutants, times; loudly nothing without one"
	@echo "make fuzz       ten minutes of fuzzing: half the decoder, half suites against spoiled guests (SECONDS=N for another time)"

setup: .venv/ready

.venv/ready: pyproject.toml constraints.txt scripts/setup
	@sh scripts/setup

demo: setup
	@$(BIN)/viva demo

test: setup
	@$(BIN)/python scripts/run_tests.py -m "not slow"

test-quick: setup
	@$(BIN)/python -m pytest -q -m "not slow" tests/unit tests/contract tests/content tests/architecture

test-slow: setup
	@$(BIN)/python scripts/run_tests.py --slow

check: format lint types imports content test-quick

format: setup
	@$(BIN)/ruff format --check grader tests scripts vivavoce.py

lint: setup
	@$(BIN)/ruff check grader tests scripts vivavoce.py exercises reference

types: setup
	@$(BIN)/mypy

imports: setup
	@$(BIN)/lint-imports --no-logo

content: setup
	@$(BIN)/viva check --quick --seeds 1

content-changed: setup
	@$(BIN)/viva check --changed --rotate 10 --seeds 2

content-all: setup
	@$(BIN)/viva check --seeds 2 --record

fuzz: setup
	@$(BIN)/python -m pip install -q -c constraints.txt -e '.[fuzz]'
	@$(BIN)/python tests/fuzz/fuzz_decoder.py -max_total_time=$$(( $(or $(SECONDS),600) / 2 )) -max_len=65536 tests/fuzz/corpus
	@$(BIN)/python -m tests.fuzz.fuzz_protocol -max_total_time=$$(( $(or $(SECONDS),600) / 4 )) -max_len=1024 tests/fuzz/programs
	@$(BIN)/python -m tests.fuzz.protocol --seconds $$(( $(or $(SECONDS),600) / 4 ))

soak: setup
	@$(BIN)/python -m tests.soak.soak --verdicts $(or $(VERDICTS),5000)

chaos: setup
	@$(BIN)/python -m tests.chaos.chaos --submissions $(or $(SUBMISSIONS),10000)

steady: setup
	@$(BIN)/viva check --steady --record

bench: setup
	@$(BIN)/viva bench --json bench.json
	@$(BIN)/viva bench service --json bench-service.json

gpu: setup
	@$(BIN)/python -m tests.gpu

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache dist
