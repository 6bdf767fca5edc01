# Setu's two commands are `make run` and `make test`; `make help` lists the rest.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run install test lint format lock bench torture clean

# One thread a model: with more, they wait for each other (docs/decisions).
export OMP_NUM_THREADS ?= 1
# Rasa reports usage and errors to its makers unless told otherwise.
export RASA_TELEMETRY_ENABLED ?= false
# Rasa pins SQLAlchemy 1.4, which reminds of 2.0 at every start.
export SQLALCHEMY_SILENCE_UBER_WARNING ?= 1

help:  ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16

run: install  ## install, train, import the sample base and serve; Ctrl-C stops it
	@exec .venv/bin/setu serve

install:  ## make .venv only; with TENSORFLOW=1, for pipelines that need it
	@scripts/environment $(if $(TENSORFLOW),tensorflow,base)

test:  ## everything, with a browser and PostgreSQL; ARGS="-m 'not slow'" and the like
	@scripts/environment dev
	@scripts/test-tools
	@.venv/bin/setu train --if-needed
	@# One more worker than the two cores it is meant for: a third of the time is waiting.
	@.venv/bin/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

lint:  ## style, types, direction of imports
	@scripts/environment dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

format:  ## put the code into the style that lint asks for
	@scripts/environment dev
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

lock:  ## resolve the locks anew; ARGS="--upgrade-package NAME"
	@scripts/lock $(ARGS)

bench: install  ## the speed table, beside the baselines
	@.venv/bin/python -m benchmarks $(ARGS)

torture:  ## long crash and race tests
	@scripts/environment dev
	@scripts/test-tools
	@.venv/bin/python -m pytest tests/torture $(ARGS)

clean:  ## remove the environment, trained models and caches, not the data
	rm -rf .venv .uv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache models/*.tar.gz
