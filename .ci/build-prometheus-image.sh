#!/usr/bin/env bash
# A stand-in for the image of Prometheus that compose.yaml names, for machines that reach
# no container registry. Its program is Debian's, an older one: it scrapes and answers
# queries as the official image does, which is all that is tested with it.
# Does nothing where the image was built from this very recipe.
#
# The official image's contract: prometheus and promtool in /bin, user nobody, data in
# /prometheus, port 9090, configuration in /etc/prometheus/prometheus.yml.
#
#   IMAGE  default: the one in compose.yaml
set -euo pipefail
umask 022
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=.ci/lib.sh
. .ci/lib.sh

image=${IMAGE:-$(compose_image prom/prometheus)}
recipe=$(sha256sum <.ci/build-prometheus-image.sh | cut -c1-16)
if [ "$(recipe_of "$image")" = "$recipe" ]; then
    echo "$image: already built from this recipe"
    exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/rootfs
mkdir -p "$root"/{bin,etc/prometheus,prometheus,tmp}

# Unpacked, not installed: installing it starts a Prometheus on this machine.
apt-get -o DPkg::Lock::Timeout=300 update -qq
(cd "$work" && apt-get -qq download prometheus)
dpkg-deb -x "$work"/prometheus_*.deb "$work/package"
install -m755 "$work"/package/usr/bin/{prometheus,promtool} "$root/bin/"
ldd "$root"/bin/* | awk '$2 == "=>" { print $3 } $1 ~ /^\// && /\(0x/ { print $1 }' | sort -u |
    while read -r library; do
        install -D -m755 "$(readlink -f "$library")" "$root$library"
    done
printf 'root:x:0:0:root:/root:/bin/false\nnobody:x:65534:65534:nobody:/:/bin/false\n' >"$root/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
chmod 1777 "$root/prometheus" "$root/tmp"

tar -C "$root" --sort=name --numeric-owner --owner=0 --group=0 -cf - . | docker import \
    -c 'ENV PATH=/bin' \
    -c 'WORKDIR /prometheus' \
    -c 'USER nobody' \
    -c 'EXPOSE 9090' \
    -c 'VOLUME /prometheus' \
    -c 'ENTRYPOINT ["/bin/prometheus"]' \
    -c 'CMD ["--config.file=/etc/prometheus/prometheus.yml","--storage.tsdb.path=/prometheus"]' \
    -c "LABEL $recipe_label=$recipe" \
    - "$image" >/dev/null
docker image inspect -f '{{.Size}}' "$image" |
    awk -v image="$image" '{ printf "%s: built (a stand-in), %.0f MB\n", image, $1 / 1e6 }'
