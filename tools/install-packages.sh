#!/usr/bin/env bash
# Installs those Debian packages that are missing of the lists named, in this folder.
set -euo pipefail
cd "$(dirname "$0")"

missing=()
while read -r package; do
  [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
done < <(cat "$@" | grep -v '^#')
[[ ${#missing[@]} -eq 0 ]] && exit 0

echo "installing ${missing[*]}"
as_root=()
if [[ $EUID -ne 0 ]]; then
  command -v sudo >/dev/null || {
    echo "expected root or sudo to install packages; found neither. Run: apt-get install ${missing[*]}" >&2
    exit 1
  }
  # sudo drops the environment.
  as_root=(sudo env DEBIAN_FRONTEND=noninteractive)
fi
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null 2>&1 || {
  "${as_root[@]}" apt-get update -q >/dev/null
  "${as_root[@]}" apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null
}
