# Sourced by the scripts beside it: where things are, and what this machine must have.
set -euo pipefail

DERTA_HOME=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd -P)
DERTA_DIR=$DERTA_HOME/.derta
VENV=$DERTA_DIR/venv
PYTHON=$VENV/bin/python
export DERTA_HOME

say() { printf '%s\n' "$*" >&2; }
fail() { say "$*"; exit 2; }

# Drops colour codes, which Maven writes even when told not to.
plain() { sed $'s/\x1b\\[[0-9;]*m//g'; }

# The header comment of a script is its --help.
print_help() { sed -n '2,/^[^#]/{s/^# \{0,1\}//p;}' "$0"; }

if command -v sha256sum >/dev/null; then SHA256=(sha256sum); else SHA256=(shasum -a 256); fi

# Prints one hash over names and contents of files and folders under the repository root.
hash_of() {
  (cd "$DERTA_HOME" && find "$@" -type f | LC_ALL=C sort | tr '\n' '\0' | xargs -0 "${SHA256[@]}" | "${SHA256[@]}" | cut -d' ' -f1)
}

# A Python that can make virtual environments: the first of these names that is at least 3.10.
find_python() {
  local name
  for name in python3 python3.14 python3.13 python3.12 python3.11 python3.10; do
    if "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
  return 1
}

# What benchmarks and checks compare with.
PEERS=(torch==2.7.1 transformers==4.57.6 accelerate==1.12.0 peft==0.18.1 datasets==4.5.0)

# other_python NAME PACKAGE...: prints the Python of a virtual environment of its own,
# .derta/venv-NAME, with these packages, for checks against programs of others; made once.
other_python() {
  local venv=$DERTA_DIR/venv-$1
  shift
  if [ "$(cat "$venv.done" 2>/dev/null)" != "$*" ]; then
    say "$(basename "$venv"): $* (gigabytes, once)"
    rm -rf "$venv" "$venv.done"
    "$(find_python)" -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@" >&2
    printf '%s' "$*" >"$venv.done"
  fi
  printf '%s\n' "$venv/bin/python"
}

# Names a browser in DERTA_CHROMIUM, if there is one.
find_chromium() {
  local name
  for name in "${DERTA_CHROMIUM:-}" chromium chromium-browser google-chrome \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
    if [ -n "$name" ] && command -v "$name" >/dev/null; then
      DERTA_CHROMIUM=$(command -v "$name")
      export DERTA_CHROMIUM
      return
    fi
  done
  return 1
}

# The JDK: JAVA_HOME where it is set, else the javac on the path.
find_java() {
  local javac
  if [ -n "${JAVA_HOME:-}" ] && [ -x "$JAVA_HOME/bin/javac" ]; then
    printf '%s\n' "$JAVA_HOME/bin/java"
  elif javac=$(command -v javac); then
    printf '%s\n' "$(dirname "$(readlink -f "$javac")")/java"
  else
    return 1
  fi
}

# Prints the major version, such as 17.
java_major() { "$1" -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java.specification.version = //p'; }

maven_version() { mvn --version 2>/dev/null | sed -n 's/.*Apache Maven \([0-9.]*\).*/\1/p' | head -n 1; }

# What .derta/lib-* is built from, as one hash.
lib_hash() { hash_of pom.xml lib/pom.xml lib/src/main; }

# Loads .derta/settings.env (KEY=VALUE a line), which the kernel reads too.
load_settings() {
  local key value
  while IFS='=' read -r key value; do
    [ -n "$key" ] && export "$key=$value"
  done <"$DERTA_DIR/settings.env"
}
