#!/bin/sh
set -e

# unpack.sh ROOT PACKAGE... unpacks Debian packages below ROOT without running
# anything of theirs, and leaves what scanners look for: one file a package in
# /var/lib/dpkg/status.d.
root=$1
shift
mkdir -p "$root/var/lib/dpkg/status.d" /tmp/debs
cd /tmp/debs
rm -f ./*.deb
apt-get update -qq
apt-get download -qq "$@"
for deb in ./*.deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink -C "$root" \
        --exclude='./usr/share/man' --exclude='./usr/share/lintian' --exclude='./usr/share/bug'
    dpkg-deb --field "$deb" >"$root/var/lib/dpkg/status.d/$(dpkg-deb --field "$deb" Package)"
done
find "$root/usr/share/doc" -type f ! -name copyright -delete 2>/dev/null || true
rm -rf /tmp/debs /var/lib/apt/lists/*
