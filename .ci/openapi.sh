#!/usr/bin/env bash
# The OpenAPI document, looked at from outside: our rules for it and the tests of those
# rules; the promise to its clients; and Schemathesis, which asks the running service
# whether it keeps the document.
#
#   .ci/openapi.sh                       all of it
#   .ci/openapi.sh lint promise kept     just these
#
# Run on a bare Debian machine with Go; what else is needed it installs itself.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=.ci/lib.sh
. .ci/lib.sh

step_lint() {
    need node=nodejs npm=npm
    node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' ||
        fail "Redocly needs Node 20.19 or newer, and this is $(node --version)"
    npm --prefix openapi/lint ci
    npm --prefix openapi/lint run --silent lint
    npm --prefix openapi/lint test
}

step_promise() {
    go run ./openapi/promise check
}

step_kept() {
    need python3=python3
    python3 -c 'import ensurepip, venv' 2>/dev/null || install_packages python3-venv
    FALAFEL_TEST_SCHEMATHESIS=1 go test -count=1 -v ./openapi/schemathesis
}

[ "$#" -gt 0 ] || set -- lint promise kept
for name; do
    declare -F "step_$name" >/dev/null || fail "there is no step $name; the steps are: lint promise kept"
done
for name; do
    "step_$name"
done
