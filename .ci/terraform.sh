#!/usr/bin/env bash
# Terraform: form, lint, policy, and the tests of the provider and of the modules.
#
#   .ci/terraform.sh                      all of it
#   .ci/terraform.sh form lint policy     just these
#
#   form     terraform fmt; the provider's documentation is that of its schema
#   lint     tflint, with .tflint.hcl
#   policy   checkov; each exception stands, with its reason, beside what it is about
#   tests    terraform/…: the provider on a real registry, `terraform test` of each module
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=.ci/lib.sh
. .ci/lib.sh

# folders_of_hcl: each folder that Terraform would take for a module, one a line.
folders_of_hcl() { git ls-files -co --exclude-standard 'terraform/**.tf' | xargs -n1 dirname | sort -u; }

step_form() {
    need_terraform
    terraform fmt -check -diff -recursive terraform || fail "terraform fmt -recursive terraform would change what is above"

    local docs
    docs=$(git ls-files -s terraform/provider/docs; git diff terraform/provider/docs)
    go tool -modfile=.ci/tools/tfplugindocs/go.mod tfplugindocs generate \
        --provider-dir terraform/provider --provider-name falafel --rendered-provider-name falafel >/dev/null
    [ "$docs" = "$(git ls-files -s terraform/provider/docs; git diff terraform/provider/docs)" ] ||
        fail "terraform/provider/docs was stale, and is written anew: commit it"
}

# rules_not_for FOLDER: tflint's rules that are not meant for it, one a line. Modules keep
# all of them.
rules_not_for() {
    case $1 in
    # One screen, for people to read.
    terraform/environments/*)
        printf '%s\n' terraform_{standard_module_structure,documented_{variables,outputs}}
        ;;
    # One file each, with the versions of what it shows.
    */examples/*)
        printf '%s\n' terraform_{standard_module_structure,documented_{variables,outputs}} \
            terraform_{required_version,required_providers,unused_required_providers,unused_declarations}
        ;;
    esac
}

step_lint() {
    local folder failed="" tflint rules
    tflint=$(mktemp)
    go build -modfile=.ci/tools/tflint/go.mod -o "$tflint" github.com/terraform-linters/tflint
    while read -r folder; do
        # Those are laid beside a copy of an environment, and only then a configuration.
        [[ $folder != terraform/environments/rehearsal* ]] || continue
        mapfile -t rules < <(rules_not_for "$folder")
        "$tflint" --chdir="$folder" --config="$PWD/.tflint.hcl" --format=compact "${rules[@]/#/--disable-rule=}" ||
            failed+=" $folder"
    done < <(folders_of_hcl)
    rm "$tflint"
    [ -z "$failed" ] || fail "tflint has something to say about$failed, as above"
}

step_policy() {
    local venv
    venv=$(python_tool checkov)
    # The provider's examples show the provider, and not how to keep a table.
    "$venv/bin/checkov" --directory terraform --skip-path terraform/provider/examples \
        --framework terraform --skip-download --quiet --compact
}

step_tests() {
    need_terraform
    provide_terraform_mirror
    FALAFEL_TEST_TERRAFORM=1 go test -count=1 ./terraform/...
}

[ "$#" -gt 0 ] || set -- form lint policy tests
for name; do
    declare -F "step_$name" >/dev/null || fail "there is no step $name; the steps are: form lint policy tests"
done
for name; do
    "step_$name"
done
