# SPDX-License-Identifier: GPL-3.0-or-later
# Two commands stand on their own on a bare machine: `make demo` and `make test`. `make` alone lists the rest.

SHELL := /bin/sh
BOOTSTRAP := tests/tools/bootstrap
PYTHON := .venv/bin/python
LAB := tests/lab/lab
HOSTS ?= 3
RUN = $(BOOTSTRAP) test && $(PYTHON) tests/tools/run_tests.py

export PATH := $(CURDIR)/.venv/bin:$(PATH)
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg
export ANSIBLE_COLLECTIONS_PATH := $(CURDIR)/build/collections
export LC_ALL := C.UTF-8

.DEFAULT_GOAL := help
.PHONY: help demo status demo-down setup test lint unit docs reference build-artifact build sanity conformance lab-test integration browser molecule soak bench bench-recovery bench-upgrade clean

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile

demo: ## three simulated Macs with real Gateways, deployed and shown as a table
	@tests/tools/demo $(HOSTS)

status: ## the table of the demo's Gateways again
	@$(BOOTSTRAP) && .venv/bin/ansible-playbook -i "$$($(LAB) inventory)" playbooks/status.yml

demo-down: ## end the demo and leave nothing of it behind
	@$(LAB) down

setup: ## system packages and Python environments only (demo and test do it by themselves)
	@$(BOOTSTRAP) test

test: ## everything below up to molecule, and a sample of soak; ends with how many tests of each kind ran
	@$(RUN)

lint: ## ruff, yamllint, ansible-lint (production profile), shell, changelog
	@$(RUN) lint

unit: ## unit tests under the newest Python and under 3.9
	@$(RUN) unit

docs: ## lint of the documentation of every plugin and role
	@$(RUN) docs

build-artifact: ## build/clawops-openclaw-VERSION.tar.gz, to install on a controller
	@$(BOOTSTRAP) && .venv/bin/ansible-galaxy collection build --force --output-path build

build: ## test the artifact: install it into an empty environment, show every module
	@$(RUN) build

reference: ## write the reference pages in docs/ from modules and roles
	@$(BOOTSTRAP) && $(PYTHON) tests/tools/reference.py

sanity: ## ansible-test sanity on every ansible-core the machine's Pythons allow
	@$(RUN) sanity

conformance: ## the launchd double against what launchd is known to do; on a Mac, that Mac against it (sets nothing up)
	@if [ "$$(uname -s)" = Darwin ]; then /usr/bin/python3 tests/lab/conformance/on_a_mac.py; else $(RUN) conformance; fi

lab-test: ## tests of the lab itself
	@$(RUN) lab-test

integration: ## modules and playbooks against real Gateways on simulated Macs
	@$(RUN) integration tokens probes

browser: ## the HTML report in headless Chromium
	@$(RUN) browser

molecule: ## the Molecule scenarios: deploy (default), drift that is found and put right (drift), the runbook (remediate)
	@$(RUN) molecule

soak: ## kill -9 of Gateways and of writers, for long (SOAK_ROUNDS=25 SOAK_SEED=1)
	@$(RUN) soak

bench: ## what knowing a fleet costs, on 5, 20 and 50 hosts, as ratios within one run (writes docs/benchmarks.md)
	@$(BOOTSTRAP) && $(PYTHON) tests/bench/bench.py

bench-recovery: ## from a fault to proven health, by the runbook and by hand (writes docs/recovery.md)
	@$(BOOTSTRAP) && $(PYTHON) tests/bench/recovery.py

bench-upgrade: ## for how long an upgrade leaves clients without a Gateway, against a bare restart (writes docs/upgrade.md)
	@$(BOOTSTRAP) && $(PYTHON) tests/bench/upgrade.py

clean: ## remove what was built inside the clone (downloads are kept, outside of it)
	rm -rf build .venv .ansible .pytest_cache .ruff_cache tests/output
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
