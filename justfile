# Everyday commands. `just` lists them. They run in the active virtual environment.

default:
    @just --list

# Install for work on Lingua, with the compiled modules beside their sources
install:
    pip install -c constraints.txt -e '.[dev]'

# Compile again after a change to a compiled module
build:
    python hatch_build.py

# Format, lint, types, imports, tests and docs
check: format lint types imports test

format:
    ruff format .

lint:
    ruff check .

types:
    mypy
    pyright

imports:
    lint-imports

test *ARGS:
    pytest {{ARGS}}

# The examples, pages, README and docs alone
docs:
    pytest tests/docs tests/examples tests/lingua/diagnostics

# Rewrite snapshots; read the difference like code
accept:
    LINGUA_ACCEPT=1 pytest tests

# A closed bar beside other libraries (LINGUA_RIVALS names the Python of an environment that has them), and 500 strategies
bench-stream:
    python tests/benchmarks/streaming.py
    python tests/benchmarks/streaming.py --many 500

# The VS Code extension, lsp/vscode/lingua.vsix (needs Node.js 20 or newer)
vsix:
    cd lsp/vscode && npm ci && npm run package

# The extension's own tests: the TextMate grammar, where Lingua is looked for, what the chart is made of
test-vsix:
    cd lsp/vscode && npm ci && npm test

# Speed beside a reference (LINGUA_REFERENCE) and other libraries (LINGUA_RIVALS), each named by its Python; `--quick`
bench *ARGS:
    python tests/benchmarks/speed.py {{ARGS}}

# What a change must pass, from a clean copy in a fresh environment
ci:
    .ci/run
