#!/bin/bash
# usage: merge.sh TARGET [FOLDER...]
#
# Makes the committed corpus of a target the smallest set of inputs that covers what these cover together: the committed
# ones, those that run.sh left in Fuzz/findings/TARGET/corpus, and those in each FOLDER. Inputs whose names are words,
# not hexadecimal digests, are lessons that somebody put there by hand: they stay whatever they cover.
#
#   --no-build   takes the binary as it is
#   --help       prints this
set -euo pipefail
# shellcheck source=Fuzz/targets.sh
. "$(dirname "$0")/targets.sh"

read_arguments "$@"

old=$(corpus "$target")
sources=("$old" "$root/Fuzz/findings/$target/corpus" "${positional[@]:1}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$old" "$work/new" "$work/all"
for folder in "${sources[@]}"; do
  [ -d "$folder" ] || continue
  find "$folder" -maxdepth 1 -type f ! -name '.*' | while read -r file; do
    cp "$file" "$work/all/$(sha1sum <"$file" | cut -c1-40)"
  done
done
read -ra options <<<"$(switches "$target" | tr "\n" " ")"
"$binaries/$target" "${options[@]}" -set_cover_merge=1 "$work/new" "$work/all" >"$work/log" 2>&1 || {
  tail -30 "$work/log"
  exit 1
}
before=$(find "$old" -type f | wc -l)
find "$old" -maxdepth 1 -type f | while read -r file; do
  name=$(basename "$file")
  if [[ $name =~ ^[0-9a-f]{40}$ ]]; then
    rm "$file"
  else
    # What a lesson covers needs no second file of the same octets.
    rm -f "$work/new/$(sha1sum <"$file" | cut -c1-40)"
  fi
done
find "$work/new" -type f -exec cp -t "$old" {} +
echo "$target: $before inputs before, $(find "$work/all" -type f | wc -l) offered, $(find "$old" -type f | wc -l) now," \
  "$(du -sh --apparent-size "$old" | cut -f1)"
