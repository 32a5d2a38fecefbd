#!/bin/bash
# usage: triage.sh TARGET [FILE OR FOLDER...]
#
# Sorts crash files into buckets, one for each fault: by the oracle that saw a rule broken, or by the kind of trap and the
# three innermost functions of this package. Without FILE those of Fuzz/findings/TARGET. Prints of each bucket the
# smallest file, what was seen, and the commands that make a readable reproducer of it.
#
#   --no-build   takes the binary as it is
#   --help       prints this
set -euo pipefail
# shellcheck source=Fuzz/targets.sh
. "$(dirname "$0")/targets.sh"

read_arguments "$@"
binary=$binaries/$target

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
places=("${positional[@]:1}")
[ ${#places[@]} -gt 0 ] || places=("$root/Fuzz/findings/$target")
find "${places[@]}" -maxdepth 1 -type f ! -name log ! -name '.*' | sort >"$work/files"

# bucket LOG: what a run says of the fault. Oracles name themselves; of a trap the functions tell, without their types.
bucket() {
  local oracle kind frames
  oracle=$(sed -nE 's/^.*Fatal error: ([A-Za-z0-9]+): .*/\1/p' "$1" | head -1)
  if [ -n "$oracle" ]; then
    echo "oracle $oracle"
    return
  fi
  kind=$(sed -nE 's/^==[0-9]+== ?ERROR: [A-Za-z]+: ([a-zA-Z-]+).*/\1/p' "$1" | head -1)
  frames=$(grep -oE '^ *#[0-9]+ 0x[0-9a-f]+ in [^(]+' "$1" | sed -E 's/.* in //' \
    | grep -vE "^(__sanitizer|fuzzer::|__libc|raise|abort|main|_start|[$]ss|swift_)" | head -3 | tr '\n' ' ' \
    | { swift demangle --compact 2>/dev/null || cat; })
  echo "${kind:-unknown}: ${frames:-no frames}"
}

count=0
while read -r file; do
  if "$binary" -timeout=10 -rss_limit_mb=1024 "$file" >"$work/run" 2>&1; then
    echo "$file: nothing is wrong with it any more"
    continue
  fi
  name=$(bucket "$work/run")
  key=$(printf '%s' "$name" | sha1sum | cut -c1-12)
  printf '%s' "$name" >"$work/$key.name"
  printf '%s %s\n' "$(stat -c %s "$file")" "$file" >>"$work/$key.files"
  grep -m1 -E 'Fatal error:|ERROR:' "$work/run" | cut -c1-400 >"$work/$key.text" || true
  count=$((count + 1))
done <"$work/files"

for files in "$work"/*.files; do
  [ -e "$files" ] || break
  key=${files%.files}
  smallest=$(sort -n "$files" | head -1 | cut -d' ' -f2-)
  echo
  echo "== $(cat "$key.name"): $(wc -l <"$files") file(s)"
  cat "$key.text"
  echo "   smallest   $smallest ($(stat -c %s "$smallest") octets)"
  case $target in
    FuzzResume | FuzzSave) echo "   as a trace $binary --trace $smallest" ;;
    FuzzModel) printf '   as text    tr "\\0" "\\n" <%s\n' "$smallest" ;;
    *) echo "   as text    head -c -1 $smallest | streamtool dump --annotate -" ;;
  esac
  echo "   make small MIGSTREAM_FUZZ_WITHOUT=sampling $binary -minimize_crash=1 -runs=100000 -exact_artifact_path=small $smallest"
  echo "   keep it    cp small Corpus/fuzz/$target/LESSON   once the fault is mended"
done
echo
echo "$count crash file(s), $(find "$work" -name '*.files' | wc -l) bucket(s)"
