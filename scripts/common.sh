# shellcheck shell=bash
# Shared by quickstart, check and scripts/*. Sourced, not run; the caller has set -euo pipefail.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly root
readonly program=${0##*/}

say() { printf '%s\n' "$*"; }
fail() { printf '%s: %s\n' "$program" "$*" >&2; exit 1; }

# quietly LOG COMMAND...: runs it with its words in LOG, and shows the end of them only when it fails.
quietly() {
    local log=$1
    shift
    mkdir -p "$(dirname "$log")"
    if "$@" >"$log" 2>&1 </dev/null; then return 0; fi
    tail -n 60 "$log" >&2
    printf '%s: this failed: %s (all of its output: %s)\n' "$program" "$*" "$log" >&2
    return 1
}

# Under sudo the clone often belongs to somebody else: what root built there is given to its owner, who may want to delete it.
give_to_owner() {
    local owner
    owner=$(stat -c %u:%g "$root")
    if [[ $(id -u) -eq 0 && $owner != 0:0 && -e $1 ]]; then chown -R "$owner" "$1"; fi
}
