# shellcheck shell=bash
# What the scripts in this folder share. Sourced, never run.

# A command that fails inside $(…) fails the script, like any other.
shopt -s inherit_errexit

# fail SENTENCE: says why, and ends the script.
fail() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# need PROGRAM=PACKAGE...: installs Debian's package for every program that is missing.
# A name with a slash in it is a file instead.
need() {
    local pair packages=()
    for pair in "$@"; do
        case ${pair%%=*} in
        /*) [ -e "${pair%%=*}" ] || packages+=("${pair#*=}") ;;
        *) command -v "${pair%%=*}" >/dev/null || packages+=("${pair#*=}") ;;
        esac
    done
    [ "${#packages[@]}" -gt 0 ] || return 0
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        fail "please install ${packages[*]}: only root on Debian can have it done from here"
    fi
    install_packages "${packages[@]}"
}

# install_packages PACKAGE...: from Debian, and just these; waits where apt is busy.
install_packages() {
    local log
    log=$(mktemp)
    if ! {
        apt-get -o DPkg::Lock::Timeout=300 update -qq &&
            DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
                install -y -qq --no-install-recommends "$@"
    } >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        rm -f "$log"
        fail "Debian's packages $* could not be installed"
    fi
    rm -f "$log"
}

# provide_prometheus FOLDER: prometheus and promtool on PATH; where they are missing,
# Debian's, unpacked into the folder: installing them starts a Prometheus on this machine.
provide_prometheus() {
    if command -v prometheus >/dev/null && command -v promtool >/dev/null; then
        return
    fi
    need apt-get=apt dpkg-deb=dpkg
    mkdir -p "$1"
    apt-get -o DPkg::Lock::Timeout=300 update -qq
    (cd "$1" && apt-get -qq -o APT::Sandbox::User=root download prometheus >/dev/null && dpkg-deb -x prometheus_*.deb .)
    export PATH="$1/usr/bin:$PATH"
    promtool --version >/dev/null 2>&1 || fail "Debian's promtool does not run on this machine"
}

# runs PID: does that process run? One that ended and was not collected does not.
runs() { grep -qs '^State:[[:space:]]*[^ZX[:space:]]' "/proc/$1/status"; }

# docker_answers: is there a Docker Engine where DOCKER_HOST or the context points?
docker_answers() {
    command -v docker >/dev/null &&
        timeout 20 docker version --format '{{.Server.Version}}' >/dev/null 2>&1
}

# The label that an image built here carries: which recipe made it.
recipe_label=io.github.pretendfriend.falafel.recipe

# recipe_of IMAGE: the recipe that made a local image; empty where another made it.
recipe_of() {
    docker image inspect -f "{{index .Config.Labels \"$recipe_label\"}}" "$1" 2>/dev/null || true
}

# dynamodb_local_version: the one that devenv runs and tests with.
dynamodb_local_version() {
    grep -A1 '<artifactId>DynamoDBLocal<' devenv/dynamodb/dynamodb-local/pom.xml |
        grep -oP '(?<=<version>)[^<]+' ||
        fail "devenv/dynamodb/dynamodb-local/pom.xml names no version of DynamoDB Local"
}

# reaper_image: the image that the testcontainers-go in go.mod cleans up with.
reaper_image() {
    local folder
    folder=$(go list -f '{{.Dir}}' github.com/testcontainers/testcontainers-go)
    grep -rhoP --include='*.go' 'ReaperDefaultImage = "\K[^"]+' "$folder/internal/config" ||
        fail "testcontainers-go names no reaper image where it used to: see reaper_image in .ci/lib.sh"
}

# compose_image NAME: the image of that name in compose.yaml, with its tag.
compose_image() {
    grep -oP "^ +image: \\K$1:\\S+" compose.yaml || fail "compose.yaml names no image of $1"
}

# need_terraform: no package of Debian's has it.
need_terraform() {
    command -v terraform >/dev/null ||
        fail "Terraform 1.11 or newer is missing: https://developer.hashicorp.com/terraform/install"
}

# provide_terraform_mirror: providers come from the registry, unless this machine has
# them unpacked somewhere. Exported for devenv/terraform.
provide_terraform_mirror() {
    local found
    [ -z "${FALAFEL_TERRAFORM_MIRROR:-}" ] || return 0
    found=$(find / -xdev \( -path /proc -o -path /sys -o -path /tmp -o -name .terraform -o -name .falafel \) -prune \
        -o -type d -path '*/registry.terraform.io/hashicorp/aws' -print -quit 2>/dev/null) || true
    [ -z "$found" ] || export FALAFEL_TERRAFORM_MIRROR=${found%/registry.terraform.io/hashicorp/aws}
}

# python_tool NAME: a virtual environment with what .ci/tools/NAME/requirements.txt pins.
# Prints its folder.
python_tool() {
    local venv=.falafel/ci/$1 requirements=.ci/tools/$1/requirements.txt
    need python3=python3 >&2
    python3 -c 'import ensurepip, venv' 2>/dev/null || install_packages python3-venv >&2
    if ! cmp -s "$requirements" "$venv/requirements.txt"; then
        python3 -m venv --clear "$venv"
        "$venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r "$requirements" >&2
        cp "$requirements" "$venv/"
    fi
    echo "$venv"
}
