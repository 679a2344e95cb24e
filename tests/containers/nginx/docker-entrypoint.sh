#!/bin/sh
# Runs what stands in /docker-entrypoint.d and may be run, in order, before nginx; then becomes what it was told.
set -e
if [ "$1" = nginx ]; then
    for script in /docker-entrypoint.d/*.sh; do
        if [ -x "$script" ]; then "$script"; fi
    done
fi
exec "$@"
