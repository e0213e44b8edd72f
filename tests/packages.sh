# Sourced by tests/run.sh and examples/quickstart.sh: what libgan is built from on Debian, and how it gets there.
# shellcheck shell=sh

GAN_BUILD_PACKAGES="cmake make gcc pkg-config libblis-serial-dev libstb-dev libjsmn-dev libexif-dev zlib1g-dev libc6-dev"
# shellcheck disable=SC2034 # used by those that source this file
GAN_TEST_PACKAGES="$GAN_BUILD_PACKAGES check g++ python3 python3-numpy rustc cargo shellcheck"

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

missing_of() { # PACKAGES: those that dpkg does not have
    for package in $1; do
        case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) in
        installed) ;;
        *) printf '%s ' "$package" ;;
        esac
    done
}

have_header() { # NAME-OF-HEADER...: whether the C compiler finds one of them
    for header in "$@"; do
        if echo "#include <$header>" | cc -E -x c - >/dev/null 2>&1; then return 0; fi
    done
    return 1
}

# Without apt: say what is not there, by the name of the program or header, and go on if the rest suffices.
say_missing() {
    lacking=
    for program in cmake cc make pkg-config; do
        command -v $program >/dev/null || lacking="$lacking $program"
    done
    have_header stb/stb_image.h stb_image.h || lacking="$lacking stb_image.h"
    have_header jsmn.h || lacking="$lacking jsmn.h"
    have_header zlib.h || lacking="$lacking zlib.h"
    pkg-config --exists libexif 2>/dev/null || lacking="$lacking libexif"
    [ -n "$lacking" ] || return 0
    echo "There is no apt here to install what is missing:$lacking" >&2
    echo "Debian calls the packages: $1" >&2
    return 1
}

install_missing() { # PACKAGES
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        say_missing "$1"
        return
    fi
    missing=$(missing_of "$1")
    [ -n "$missing" ] || return 0
    echo "Installing: $missing"
    export DEBIAN_FRONTEND=noninteractive
    # The list is words on purpose.
    # shellcheck disable=SC2086
    if as_root apt-get update -qq && as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null; then
        return 0
    fi
    echo "Could not install: $missing(as root, or with sudo: apt-get install $missing)" >&2
    return 1
}
