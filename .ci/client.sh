#!/usr/bin/env bash
# The TypeScript client in openapi/client: generated anew, read, built, packed, and tested
# in Node and in Chromium against the API, which the tests start.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=.ci/lib.sh
. .ci/lib.sh

need node=nodejs npm=npm chromium=chromium git=git
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cd openapi/client
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1
npm ci --no-audit --no-fund --loglevel=error
if grep -q '"resolved": "http' package-lock.json; then
    fail "package-lock.json names a registry: which one is used is a matter of the machine"
fi

cp -R src/generated "$work/before"
npm run --silent generate
diff -ru "$work/before" src/generated >"$work/stale" || {
    head -n 100 "$work/stale"
    fail "openapi/client/src/generated was stale, as above: commit what npm run generate made of it"
}

npm run --silent lint
FALAFEL_TEST_BROWSER=1 npm test
