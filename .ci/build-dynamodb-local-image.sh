#!/usr/bin/env bash
# amazon/dynamodb-local, built here, for machines that reach no container registry.
#
# The real DynamoDB Local, from Maven Central, on a runtime that jlink cuts from Debian's
# OpenJDK, imported as one layer. It keeps the official image's contract, so that compose
# files and testcontainers modules written for that one work unchanged:
#   entry point `java`, command `-jar DynamoDBLocal.jar -inMemory`, working directory
#   and home /home/dynamodblocal, user dynamodblocal (uid 1000), port 8000,
#   and a shell and curl inside for health checks.
# Does nothing where the image was built from this very recipe.
#
#   IMAGE  name and tag (default amazon/dynamodb-local, the version that devenv runs)
set -euo pipefail
umask 022
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=.ci/lib.sh
. .ci/lib.sh

pinned=devenv/dynamodb/dynamodb-local
version=$(dynamodb_local_version)
image=${IMAGE:-amazon/dynamodb-local:$version}
recipe=$(cat .ci/build-dynamodb-local-image.sh "$pinned/SHA256SUMS" | sha256sum | cut -c1-16)

if [ "$(recipe_of "$image")" = "$recipe" ]; then
    echo "$image: already built from this recipe"
    exit 0
fi

need javac=default-jdk-headless mvn=maven curl=curl unzip=unzip objcopy=binutils
java_home=$(readlink -f "$(command -v javac)")
java_home=${java_home%/bin/javac}
[ -d "$java_home/jmods" ] || fail "$java_home has no jmods to cut a runtime from: is it a whole JDK?"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/rootfs
app=$root/home/dynamodblocal
lib=$app/DynamoDBLocal_lib
mkdir -p "$lib"

# DynamoDB Local and what it needs at run time: the very files that devenv pins and runs.
fetch_jars() {
    if ! mvn -q -B --no-transfer-progress -f "$pinned/pom.xml" \
        dependency:copy-dependencies -Dinto="$lib" >"$work/mvn.log" 2>&1; then
        tail -n 20 "$work/mvn.log" >&2
        fail "Maven could not fetch DynamoDB Local $version"
    fi
    (cd "$lib" && LC_ALL=C sha256sum -- *) >"$work/sums"
    LC_ALL=C sort -k2 "$pinned/SHA256SUMS" | diff - "$work/sums" ||
        fail "what Maven fetched is not what $pinned/SHA256SUMS pins, as above"
    rm -f "$lib"/*.dll "$lib"/*.dylib # other systems' native code
}

# The published jar's own class path names the files of the zip distribution, not
# Maven's: a jar that holds a manifest and nothing else stands in front of it.
write_front_jar() {
    local main jar
    main=$(unzip -p "$lib/DynamoDBLocal-$version.jar" META-INF/MANIFEST.MF |
        tr -d '\r' | sed -n 's/^Main-Class: //p')
    {
        echo "Main-Class: $main"
        echo "Class-Path: ."
        # A manifest's line holds 72 bytes at most, and a leading space continues the
        # line before it.
        for jar in "$lib"/*.jar; do printf ' DynamoDBLocal_lib/%s\n' "${jar##*/}"; done |
            awk '{ for (s = $0; s != ""; s = substr(s, 71)) print " " substr(s, 1, 70) }'
    } >"$work/manifest"
    "$java_home/bin/jar" --create --file "$app/DynamoDBLocal.jar" --manifest "$work/manifest"
}

# A runtime of the modules it uses, and its archive of loaded classes (a faster start).
cut_runtime() {
    "$java_home/bin/jlink" --output "$root/opt/java" \
        --add-modules java.se,jdk.crypto.ec,jdk.management,jdk.net,jdk.unsupported,jdk.zipfs \
        --strip-java-debug-attributes \
        --strip-native-debug-symbols="objcopy=$(command -v objcopy)" \
        --no-header-files --no-man-pages
    # java.desktop is there for java.beans alone; nothing draws or plays.
    rm -f "$root"/opt/java/lib/lib{awt,font,javajpeg,jawt,jsound,lcms,mlib_image,splashscreen}*
    "$root/opt/java/bin/java" -Xshare:dump >/dev/null 2>&1
}

# The few programs that a health check or a person would call.
install_programs() {
    local program
    mkdir -p "$root"/{bin,dev,etc/ssl/certs,proc,sys,tmp,usr/bin}
    chmod 1777 "$root/tmp"
    install -m755 "$(command -v bash)" "$root/bin/bash"
    ln -s bash "$root/bin/sh"
    for program in cat chmod chown cp env id ls mkdir rm sleep; do
        install -m755 "$(command -v "$program")" "$root/bin/$program"
    done
    install -m755 "$(command -v curl)" "$root/usr/bin/curl"
    ln -s /opt/java/bin/java "$root/usr/bin/java"
}

# Every shared library that something above links, where it links it.
install_libraries() {
    local library
    {
        find "$root" -type f \( -perm -u+x -o -name '*.so' -o -name '*.so.*' \) -print0 |
            xargs -0 ldd 2>/dev/null |
            awk '$2 == "=>" && $3 ~ /^\// { print $3 } $1 ~ /^\/lib/ { print $1 }'
        # The C library opens these by name, to look up users and hosts.
        PATH=$PATH:/sbin ldconfig -p |
            awk '$1 ~ /^lib(nss_files|nss_dns|resolv)\.so\.2$/ { print $NF }'
    } | grep -v "^$root" | sort -u >"$work/libraries"
    while read -r library; do
        [ -e "$root$library" ] || install -D -m755 "$(readlink -f "$library")" "$root$library"
    done <"$work/libraries"
}

write_accounts() {
    echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
    cat >"$root/etc/passwd" <<'PASSWD'
root:x:0:0:root:/root:/bin/sh
dynamodblocal:x:1000:1000::/home/dynamodblocal:/bin/sh
PASSWD
    printf 'root:x:0:\ndynamodblocal:x:1000:\n' >"$root/etc/group"
    cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/" 2>/dev/null ||
        : # Nothing in it calls out by itself.
}

import() {
    # Owned by root but for the home folder, whoever builds it.
    tar -C "$root" --sort=name --numeric-owner --owner=0 --group=0 \
        --exclude=./home/dynamodblocal -cf "$work/image.tar" .
    tar -C "$root" --sort=name --numeric-owner --owner=1000 --group=1000 \
        -rf "$work/image.tar" ./home/dynamodblocal
    docker import \
        -c 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
        -c 'ENV JAVA_HOME=/opt/java' \
        -c 'ENV LANG=C.UTF-8' \
        -c 'WORKDIR /home/dynamodblocal' \
        -c 'USER dynamodblocal' \
        -c 'EXPOSE 8000' \
        -c 'ENTRYPOINT ["java"]' \
        -c 'CMD ["-jar","DynamoDBLocal.jar","-inMemory"]' \
        -c "LABEL $recipe_label=$recipe" \
        "$work/image.tar" "$image" >/dev/null
}

fetch_jars
write_front_jar
cut_runtime
install_programs
install_libraries
write_accounts
import
docker image inspect -f '{{.Size}}' "$image" |
    awk -v image="$image" '{ printf "%s: built, %.0f MB\n", image, $1 / 1e6 }'
