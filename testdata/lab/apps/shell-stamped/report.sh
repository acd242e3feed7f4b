#!/bin/bash
# report.sh FILE.csv: rows by the second column, with the build that made this.
set -euo pipefail
awk -F, 'NR > 1 { n[$2]++ } END { for (k in n) print n[k], k }' "$1" | sort -rn | sed 's/^/  /'
echo "build ${BUILD_SHA:-unknown}" >&2
