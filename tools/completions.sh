#!/usr/bin/env bash
# Writes the completions of bash, zsh and fish: completions.sh PROGRAM FOLDER
set -euo pipefail
mkdir -p "$2"
for shell in bash:scanward.bash zsh:_scanward fish:scanward.fish; do
  "$1" --generate-completion-script "${shell%%:*}" >"$2/${shell#*:}"
done
