#!/usr/bin/env bash
# A stand-in for testcontainers' reaper image, for machines that reach no container
# registry (elsewhere testcontainers pulls its own). The program is ryuk/main.go.
# Does nothing where the image was built from this very recipe.
#
#   IMAGE  default: the one that the testcontainers-go in go.mod asks for
set -euo pipefail
umask 022
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=.ci/lib.sh
. .ci/lib.sh

image=${IMAGE:-$(reaper_image)}
recipe=$(cat .ci/build-ryuk-image.sh .ci/ryuk/go.mod .ci/ryuk/main.go | sha256sum | cut -c1-16)
if [ "$(recipe_of "$image")" = "$recipe" ]; then
    echo "$image: already built from this recipe"
    exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/rootfs/bin"
CGO_ENABLED=0 GOOS=linux GOFLAGS='' go -C .ci/ryuk build -trimpath -buildvcs=false \
    -ldflags='-s -w' -o "$work/rootfs/bin/ryuk" .

tar -C "$work/rootfs" --sort=name --numeric-owner --mtime=@0 -cf - . | docker import \
    -c 'ENTRYPOINT ["/bin/ryuk"]' \
    -c 'EXPOSE 8080' \
    -c 'LABEL org.testcontainers.ryuk=true' \
    -c "LABEL $recipe_label=$recipe" \
    - "$image" >/dev/null
echo "$image: built (a stand-in)"
