#!/usr/bin/env bash
# The `docker compose` plugin, built from its Go module: Debian has none that reads
# compose.yaml. Does nothing where Docker has one already, whoever put it there.
#
#   PLUGINS  where to put it (default /usr/local/lib/docker/cli-plugins)
set -euo pipefail
umask 022
# shellcheck source=.ci/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

module=github.com/docker/compose/v5
version=v5.6.0
plugins=${PLUGINS:-/usr/local/lib/docker/cli-plugins}

if there=$(docker compose version --short 2>/dev/null); then
    echo "docker compose: already there, $there"
    exit 0
fi
[ -w "$plugins" ] || [ "$(id -u)" = 0 ] ||
    fail "docker compose is missing: install Docker's Compose plugin, or set PLUGINS=~/.docker/cli-plugins"

# Its go.mod excludes versions, so that `go install $module/cmd@$version` refuses it. It
# is built as the main module, in its folder of the module cache.
folder=$(cd / && go mod download -json "$module@$version" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
CGO_ENABLED=0 GOFLAGS=-mod=readonly go -C "$folder" build -trimpath -buildvcs=false \
    -ldflags="-s -w -X $module/internal.Version=$version" -o "$work/docker-compose" ./cmd
install -D -m755 "$work/docker-compose" "$plugins/docker-compose"
echo "docker compose: built, $(docker compose version --short)"
