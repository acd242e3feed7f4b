#!/bin/sh
set -e

# /etc/nginx/templates/NAME.template becomes /etc/nginx/conf.d/NAME. Only names
# that the environment defines are replaced: nginx has variables of its own.
from=${NGINX_ENVSUBST_TEMPLATE_DIR:-/etc/nginx/templates}
to=${NGINX_ENVSUBST_OUTPUT_DIR:-/etc/nginx/conf.d}
[ -d "$from" ] || exit 0

names=$(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/${\1}/p' | tr '\n' ' ')
find "$from" -type f -name '*.template' | while read -r template; do
    name=${template#"$from"/}
    mkdir -p "$to/$(dirname "$name")"
    envsubst "$names" <"$template" >"$to/${name%.template}"
done
