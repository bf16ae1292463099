#!/usr/bin/env bash
# A working Docker Engine on a bare Debian machine, from Debian's packages alone.
# Does nothing where one answers already, and never replaces it.
#
#   DOCKER_DATA_ROOT  where images and containers live  (default /var/lib/docker)
#   DOCKER_LOG        the daemon's log                  (default /var/log/dockerd.log)
#
# A machine without systemd does not start the package's service, so dockerd is started
# by hand and stays in the background; its pid is in /var/run/docker.pid.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=.ci/lib.sh
. .ci/lib.sh

data_root=${DOCKER_DATA_ROOT:-/var/lib/docker}
log=${DOCKER_LOG:-/var/log/dockerd.log}
socket=unix:///var/run/docker.sock

describe() {
    docker version --format 'engine {{.Server.Version}} (API {{.Server.APIVersion}})'
}

if docker_answers; then
    echo "docker: already there, $(describe)"
    exit 0
fi
[ "$(id -u)" = 0 ] || fail "no Docker Engine answers, and only root can start one: please start yours"
# Below, one is started at the standard socket: a person who points elsewhere means that.
[ "${DOCKER_HOST:-$socket}" = "$socket" ] || fail "no Docker Engine answers at DOCKER_HOST=$DOCKER_HOST"

# From Debian 13 on, the client is a package of its own.
need dockerd=docker.io containerd=containerd runc=runc iptables=iptables
need docker=docker-cli

# A daemon that was killed leaves these behind; they go only where nobody owns them.
for pidfile in /var/run/docker.pid /var/run/docker/containerd/containerd.pid; do
    if [ -s "$pidfile" ] && ! runs "$(<"$pidfile")"; then
        rm -f "$pidfile"
    fi
done

# overlay2 wherever the data root can carry it, else vfs: slow, but it needs nothing.
storage_driver() {
    local probe driver=vfs
    mkdir -p "$data_root"
    probe=$(mktemp -d -p "$data_root" probe.XXXXXX)
    mkdir "$probe"/{lower,upper,work,merged}
    if mount -t overlay overlay \
        -o "lowerdir=$probe/lower,upperdir=$probe/upper,workdir=$probe/work" \
        "$probe/merged" 2>/dev/null; then
        umount "$probe/merged"
        driver=overlay2
    fi
    rm -rf "$probe"
    echo "$driver"
}

driver=$(storage_driver)
nohup setsid dockerd --host "$socket" --data-root "$data_root" --storage-driver "$driver" \
    </dev/null >>"$log" 2>&1 &
daemon=$!

for _ in $(seq 1 150); do
    docker_answers && break
    runs "$daemon" || break
    sleep 0.2
done
if ! docker_answers; then
    tail -n 20 "$log" >&2
    fail "dockerd did not come up; above are the last lines of $log"
fi
echo "docker: started, $(describe), $driver, pid $(</var/run/docker.pid)"
