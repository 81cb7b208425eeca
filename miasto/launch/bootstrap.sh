# Shared by ./run and ./test: everything that must exist before the platform's own Python can start.
# POSIX sh, sourced from the clone's root. Every step can be interrupted at any moment and repeated.

# Every start of a process would compile the whole platform again, for longer than the start itself takes.
unset PYTHONDONTWRITEBYTECODE

fail() {
    printf '\nBłąd: %s\n' "$1" >&2
    exit "${2:-1}"
}

# missing_packages NAME... - prints those Debian packages that are not installed.
missing_packages() {
    for name in "$@"; do
        case "$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null)" in
            installed) ;;
            *) printf '%s ' "$name" ;;
        esac
    done
}

# find_python - prints the Python 3.11 to build the environment with, nothing when there is none.
find_python() {
    for candidate in python3.11 python3 /usr/bin/python3.11; do
        if "$candidate" -c 'import sys, ensurepip; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
}

# The drop-in keeps apt from making (and starting) a system-wide cluster, the policy from starting a system-wide broker; they
# are there only while apt works, and what already runs is never touched. A policy that somebody else made stays.
apt_script='
    set -e
    export DEBIAN_FRONTEND=noninteractive
    dropin=/etc/postgresql-common/createcluster.d/miasto.conf
    mkdir -p "${dropin%/*}"
    policy=/usr/sbin/policy-rc.d
    [ ! -e "$policy" ] || policy=
    trap "rm -f $dropin $policy; rmdir ${dropin%/*} 2>/dev/null || :" EXIT INT TERM
    echo "create_main_cluster = false" >"$dropin"
    if [ -n "$policy" ]; then
        printf "%s\n" "#!/bin/sh" "case \"\$*\" in *mosquitto*) exit 101 ;; esac" >"$policy"
        chmod 755 "$policy"
    fi
    apt-get -q -o DPkg::Lock::Timeout=180 update
    apt-get -q -y -o DPkg::Lock::Timeout=180 install --no-install-recommends "$@"
    case " $* " in *" mosquitto "*) systemctl disable mosquitto >/dev/null 2>&1 || : ;; esac
'

install_packages() {
    command -v dpkg-query >/dev/null || fail "Platforma działa na Debianie 12; na tym systemie nie ma dpkg." 3
    wanted="$*"
    [ -n "$(find_python)" ] || wanted="$wanted python3.11 python3.11-venv"
    # shellcheck disable=SC2086  # the list is meant to be split
    missing=$(missing_packages $wanted)
    [ -n "$missing" ] || return 0
    echo "      brakuje: $missing"
    command="apt-get install --no-install-recommends $missing"
    mkdir -p var/log
    if [ "$(id -u)" = 0 ]; then
        set -- sh
    elif command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
        set -- sudo sh
    else
        fail "Brakuje pakietów Debiana, a bez uprawnień administratora nie mogę ich zainstalować.
Poproś administratora o wykonanie polecenia:
    $command" 3
    fi
    echo "      instaluję je…"
    # shellcheck disable=SC2086
    "$@" -c "$apt_script" apt $missing >var/log/apt.log 2>&1 9>&- || {
        tail -n 15 var/log/apt.log >&2
        fail "Instalacja pakietów się nie udała (cały zapis: var/log/apt.log). Spróbuj ręcznie:
    $command" 3
    }
}

# install_requirements NAME - makes var/venv and installs requirements/NAME.txt, only when something changed.
# The stamp names the lock's content and the clone's path; it is written last, so a half-made environment is
# noticed, and an environment copied or moved with its clone is made anew.
install_requirements() {
    sources="requirements/$1-source.txt"
    [ -f "$sources" ] || sources=
    # shellcheck disable=SC2086  # empty where there is none
    stamp="$(pwd) $(cat "requirements/$1.txt" $sources | sha256sum | cut -d' ' -f1)"
    [ "$(cat "var/venv/.stamp-$1" 2>/dev/null)" = "$stamp" ] && var/venv/bin/python -c '' 2>/dev/null && return
    if ! grep -qs "^$(pwd) " var/venv/.stamp-base || ! var/venv/bin/python -m pip --version >/dev/null 2>&1; then
        rm -rf var/venv
        "$(find_python)" -m venv var/venv || fail "Nie udało się utworzyć środowiska Pythona w var/venv."
    fi
    # A development lock holds the whole base lock, so installing it is installing both.
    rm -f "var/venv/.stamp-$1"
    : >var/log/pip.log
    pip_install --only-binary :all: -r "requirements/$1.txt"
    # What exists as source alone is built by the setuptools of the lock, so that nothing unchecked is fetched for it.
    [ -z "$sources" ] || pip_install --no-binary :all: --no-build-isolation -r "$sources"
    echo "$(pwd) $(sha256sum requirements/base.txt | cut -d' ' -f1)" >var/venv/.stamp-base
    echo "$stamp" >"var/venv/.stamp-$1"
}

# install_extra NAME - adds the packages of requirements/NAME.txt to var/venv. Some exist as source alone: they are built by the
# setuptools that is there.
install_extra() {
    stamp="$(pwd) $(sha256sum "requirements/$1.txt" | cut -d' ' -f1)"
    [ "$(cat "var/venv/.stamp-$1" 2>/dev/null)" = "$stamp" ] && return
    rm -f "var/venv/.stamp-$1"
    pip_install --no-build-isolation -r "requirements/$1.txt"
    echo "$stamp" >"var/venv/.stamp-$1"
}

# java_package - prints the package of a Java for Apache Spark, nothing where the Java that Spark would take is new enough.
java_package() {
    version=$("${JAVA_HOME:+$JAVA_HOME/bin/}java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' || :)
    [ "${version:-0}" -ge 17 ] || echo openjdk-17-jre-headless
}

# pip_install ARGUMENT... - installs into var/venv, every file checked by its hash. Byte code comes with the first import: most of
# the files are never imported, and compiling all of them took longer than everything else that pip does.
pip_install() {
    var/venv/bin/python -m pip install -q --disable-pip-version-check --no-input --no-deps --no-compile --require-hashes "$@" \
        >>var/log/pip.log 2>&1 9>&- || {
        tail -n 15 var/log/pip.log >&2
        fail "Instalacja pakietów Pythona się nie udała (cały zapis: var/log/pip.log)."
    }
}

# set_up REQUIREMENTS PACKAGE... - the whole set-up; two of them in one clone wait for each other. REQUIREMENTS is the name of
# a lock, or of one and of an extra beside it (dev+spark).
set_up() {
    mkdir -p var/log 2>/dev/null && [ -w var ] || fail "Nie mogę pisać w katalogu $(pwd)/var. Nadaj sobie prawo zapisu."
    lock_file=$1
    shift
    exec 9>var/setup.lock
    flock 9
    echo "[1/8] Pakiety systemu"
    install_packages "$@"
    echo "[2/8] Środowisko Pythona"
    install_requirements "${lock_file%+*}"
    case "$lock_file" in *+*) install_extra "${lock_file#*+}" ;; esac
    exec 9>&-
}
