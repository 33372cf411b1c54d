# Seven commands do everything: `make parity`, `make map`, `make test`, `make fuzz`, `make gpu-code`, `make bench`,
# `make docs`. Each makes the environment it needs, once.
PYTHON ?= python3.11
DEVICE ?= cpu
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
GPU := .gpu
ORIGINALS := .originals

.PHONY: parity map test slow fuzz bench differences gpu-code versions check format gallery docs clean

parity: $(VENV)/ready
	$(BIN)/python -m lrparity --device $(DEVICE) $(ARGS)

map: $(VENV)/ready
	$(BIN)/python -m lrparity map --out docs $(ARGS)

test: $(VENV)/ready $(GPU)/tried $(ORIGINALS)/tried
	$(BIN)/python -m pytest

slow: $(VENV)/ready $(GPU)/tried $(ORIGINALS)/tried
	LRJAX_SLOW=1 $(BIN)/python -m pytest

fuzz: $(VENV)/ready
	$(BIN)/python -m parity_tests.fuzz $(ARGS)

bench: $(VENV)/ready
	$(BIN)/python -m benchmarks --device $(DEVICE) $(ARGS)

differences: $(VENV)/ready
	$(BIN)/python -m docs.make_differences $(ARGS)

gpu-code: $(GPU)/ready
	$(BIN)/python -m parity_tests.gpu.code $(ARGS)

# The ends of the supported ranges, each in an environment of its own: Python, jax, torch. ROWS chooses others.
ROWS ?= python3.11,jax==0.10.0,torch==2.11.0 python3.13,jax==0.11.0,torch==2.13.0
versions:
	@for row in $(ROWS); do \
		set -e; IFS=, ; set -- $$row; unset IFS; env=.versions/$$row; echo "== $$row"; \
		test -x $$env/bin/python || $$1 -m venv $$env; \
		$$env/bin/python -m pip install --quiet "$$3"; \
		$$env/bin/python -m pip install --quiet "$$2" "$$3" ".[dev]"; \
		$$env/bin/python -m pytest $(ARGS); \
	done

check: $(VENV)/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright

format: $(VENV)/ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

gallery: $(VENV)/ready
	$(BIN)/python -m docs.make_gallery

docs: $(VENV)/ready-for-docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

# torch comes first and by itself: its pin in constraints.txt finds the CPU build where there is one.
$(VENV)/ready: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || python3 -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt torch
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[dev]"
	touch $@

# mkdocs is there only for those who build the site. It needs the packages themselves, too, for their docstrings.
$(VENV)/ready-for-docs: $(VENV)/ready
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[docs]"
	touch $@

# XLA's compiler for NVIDIA GPUs, in jax's version, without NVIDIA's libraries and without a driver. It lies in a folder
# of its own, which only the processes of `gpu-code` see.
$(GPU)/ready: $(VENV)/ready
	@rm -rf $(GPU) && mkdir $(GPU)
	@version=$$($(BIN)/python -c "import jax; print(jax.__version__)"); \
	$(BIN)/python -m pip install --quiet --no-deps --target $(GPU)/wheels \
		jax-cuda12-plugin==$$version jax-cuda12-pjrt==$$version 2>$(GPU)/log \
	|| { echo "gpu-code needs jax-cuda12-plugin==$$version and jax-cuda12-pjrt==$$version (why: $(GPU)/log)"; exit 1; }
	@touch $@

# The suite does without: it skips these tests and says why. It tries to get them once.
$(GPU)/tried: $(VENV)/ready
	@$(MAKE) --no-print-directory $(GPU)/ready 2>/dev/null || mkdir -p $(GPU)
	@touch $@

# Foreign libraries that the suite runs in processes of their own, without what they depend on; tried once for each list.
# Where one of them cannot be had the others still come, and its tests are skipped.
LIST := parity_tests/originals/requirements.txt
ORIGINAL = $(BIN)/python -m pip install --quiet --no-deps --target $(ORIGINALS)/wheels
$(ORIGINALS)/tried: $(VENV)/ready $(LIST)
	@rm -rf $(ORIGINALS) && mkdir $(ORIGINALS)
	@$(ORIGINAL) -r $(LIST) 2>$(ORIGINALS)/log || grep '^[a-z]' $(LIST) | \
		while read one; do $(ORIGINAL) "$$one" 2>>$(ORIGINALS)/log || true; done
	@touch $@

clean:
	rm -rf $(VENV) $(GPU) $(ORIGINALS) .pytest_cache .ruff_cache .fuzz parity_report map_report site .versions
