#!/usr/bin/env bash
# Installs what a make target needs and is missing, from Debian's or Ubuntu's own packages and the language registries.
# Usage: xtask/setup.sh build|test|bench|torture. Asks for nothing; run it again at any time.
set -euo pipefail
cd "$(dirname "$0")/.."
what="${1:-build}"

packages=()
need() { # need COMMAND PACKAGE: the package is installed when the command is missing
    command -v "$1" >/dev/null 2>&1 || packages+=("$2")
}
need cc build-essential
need make make
need perl perl
if [ "$what" != build ]; then
    need python3 python3
    python3 -c 'import venv, ensurepip' 2>/dev/null || packages+=(python3-venv)
    need pdftotext poppler-utils
    need chromium chromium
    need chromedriver chromium-driver
    need strace strace
    need curl curl
    [ -e /usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1 ] || [ -e /usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1 ] || packages+=(faketime)
fi
if [ "$what" = bench ]; then
    need node nodejs
    need npm npm
    need wrk wrk
    [ -x /usr/sbin/nginx ] || need nginx nginx-light
    command -v postgres >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || packages+=(postgresql)
fi
if [ "${#packages[@]}" -gt 0 ]; then
    sudo=""
    [ "$(id -u)" = 0 ] || sudo=sudo
    if ! command -v apt-get >/dev/null; then
        echo "setup: please install: ${packages[*]} (this is not Debian or Ubuntu, so it cannot be done for you)" >&2
        exit 1
    fi
    echo "setup: installing ${packages[*]}"
    $sudo apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
fi
if ! command -v cargo >/dev/null 2>&1; then
    echo "setup: the Rust toolchain is missing; install it first (see CONTRIBUTING.md)" >&2
    exit 1
fi

if [ "$what" != build ]; then
    # Python for the independent verifier of the record; kept inside the checkout.
    if [ ! -x .venv/bin/python3 ]; then
        python3 -m venv .venv
    fi
    .venv/bin/python3 -c 'import cryptography' 2>/dev/null || .venv/bin/pip install -q 'cryptography>=42,<47'
    # For holding the public page's alerts against their schemas.
    .venv/bin/python3 -c 'import lxml' 2>/dev/null || .venv/bin/pip install -q 'lxml>=5,<7' ||
        echo "setup: lxml could not be fetched; the schema test will say that it is skipped"
fi
if [ "$what" != build ] && command -v npm >/dev/null 2>&1 && [ ! -e target/axe/node_modules/axe-core/axe.min.js ]; then
    # The accessibility rules that the browser journeys hold every page against (MPL-2.0, for tests only, never shipped).
    mkdir -p target/axe
    npm install --silent --no-audit --no-fund --no-save --ignore-scripts --prefix target/axe 'axe-core@^4.10' ||
        echo "setup: axe-core could not be fetched; the browser journeys will say that they skip its rules"
fi
if [ "$what" = bench ]; then
    .venv/bin/python3 -c 'import reportlab' 2>/dev/null || .venv/bin/pip install -q 'reportlab>=4,<5'
    .venv/bin/python3 -c 'import ortools' 2>/dev/null || .venv/bin/pip install -q 'ortools>=9.11,<10'
    if [ ! -d bench/peers/node_modules ]; then
        (cd bench/peers && npm install --silent --no-audit --no-fund)
    fi
fi
