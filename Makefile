# Three commands do everything: `make parity`, `make test`, `make bench`. Each makes the environment it needs, once.
PYTHON ?= python3.11
DEVICE ?= cpu
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin

.PHONY: parity test slow bench differences check format gallery clean

parity: $(VENV)/ready
	$(BIN)/python -m parity_tests --device $(DEVICE) $(ARGS)

test: $(VENV)/ready
	$(BIN)/python -m pytest

slow: $(VENV)/ready
	LRJAX_SLOW=1 $(BIN)/python -m pytest

bench: $(VENV)/ready
	$(BIN)/python -m benchmarks --device $(DEVICE) $(ARGS)

differences: $(VENV)/ready
	$(BIN)/python -m parity_tests.differences $(ARGS)

check: $(VENV)/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright

format: $(VENV)/ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

gallery: $(VENV)/ready
	$(BIN)/python -m parity_tests.gallery

# torch comes first and by itself: its pin in constraints.txt finds the CPU build where there is one.
$(VENV)/ready: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || python3 -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt torch
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[dev]"
	touch $@

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis parity_report
