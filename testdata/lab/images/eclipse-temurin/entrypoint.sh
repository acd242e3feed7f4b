#!/bin/sh
# Where the image's user asks for it, certificates in /certificates are trusted
# by the JVM as well.
if [ -n "$USE_SYSTEM_CA_CERTS" ] && [ -d /certificates ]; then
    for file in /certificates/*; do
        [ -f "$file" ] || continue
        "$JAVA_HOME/bin/keytool" -importcert -noprompt -storepass changeit -cacerts \
            -alias "$(basename "$file")" -file "$file" >/dev/null
    done
fi

exec "$@"
