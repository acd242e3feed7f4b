#!/bin/sh
set -e

# Only a server start runs the scripts, so that `docker run image sh` stays quiet.
if [ "$1" = nginx ] || [ "$1" = nginx-debug ]; then
    for script in /docker-entrypoint.d/*; do
        case "$script" in
        *.envsh) [ -x "$script" ] && . "$script" ;;
        *.sh) [ -x "$script" ] && "$script" ;;
        esac
    done
fi

exec "$@"
