# Two commands for a newcomer: `make demo` and `make test`. Everything is installed into .venv, hash-checked.
PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes

.PHONY: demo test check format fuzz bench kills show follow lock clean

demo: .venv/.run
	$(BIN)/beatsync demo

# Two files of tests at a time: most of the time is spent waiting for players and clocks.
# The program is compiled first: the tests start it hundreds of times, and some machines keep Python from doing that.
test: .venv/.dev
	$(BIN)/python -m compileall -q beatsync bench tests
	$(BIN)/pytest --numprocesses 2 --dist loadfile

check: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The property tests with thousands of new examples each: an hour or so. A failing example is printed, to become a test.
fuzz: .venv/.dev
	$(BIN)/pytest --hypothesis-profile=fuzz tests/core tests/config tests/plan tests/outputs tests/sources tests/feeds tests/conductor

# How exactly cues leave, beside C and others, in ten minutes on a machine that has nothing else to do; writes the tables
# of docs/timing.md. Other measurements by name: `.venv/bin/python -m bench players`, see bench/__main__.py.
bench: .venv/.dev
	$(BIN)/python -m bench

# Daemon and conductor killed at random instants, 200 times in a row during play. Five minutes.
kills: .venv/.dev
	$(BIN)/python -m bench kills

# A show with two decks and set lists, operated by chance and killed, in real time for five minutes; every beat is accounted for.
show: .venv/.dev
	$(BIN)/python -m bench show

# How well players are followed: the estimator in simulation, then real players, mpv and MPD for five minutes each; fills the
# tables of docs/following.md. Three quarters of an hour.
follow: .venv/.dev
	$(BIN)/python -m bench following
	$(BIN)/python -m bench players --seconds 300 --write

# Written from pyproject.toml; needs uv on the PATH. No index address gets into the files.
lock:
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	    --custom-compile-command "make lock" -o requirements/run.txt pyproject.toml
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	    --custom-compile-command "make lock" -c requirements/run.txt --extra dev -o requirements/dev.txt pyproject.toml
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	    --custom-compile-command "make lock" -o requirements/build.txt requirements/build.in

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

.venv/.run: requirements/run.txt requirements/build.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(INSTALL) -r requirements/build.txt
	$(INSTALL) -r requirements/run.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index --editable .
	touch $@

.venv/.dev: .venv/.run requirements/dev.txt
	$(INSTALL) -r requirements/dev.txt
	touch $@
