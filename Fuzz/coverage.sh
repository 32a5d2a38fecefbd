#!/bin/bash
# usage: coverage.sh [--check | --update] [--no-build] [FOLDER]
#
# Builds everything with counters for the compiler's own coverage, replays the committed corpora (the inputs of
# Corpus/fuzz through their targets, the vectors of Corpus through FuzzDecode, the traces through the tool), and writes
# what was run as HTML to FOLDER, Fuzz/coverage if not given. Then lists the functions of the codec rooms MigrationStream
# and ResumePath of which lines were not run.
#
#   --check      status 1 when the list has a function that Fuzz/uncovered.md does not give a reason for
#   --update     writes the list to Fuzz/uncovered.md; reasons stay, new rows have none
#   --no-build   takes the binaries as they are
#   --help       prints this
set -euo pipefail
# shellcheck source=Fuzz/targets.sh
. "$(dirname "$0")/targets.sh"

mode=list
builds=1
html=$root/Fuzz/coverage
for argument; do
  case $argument in
    --help | -h) usage; exit 0 ;;
    --check | --update) mode=${argument#--} ;;
    --no-build) builds=0 ;;
    -*) echo "$argument is no option; see --help" >&2; exit 2 ;;
    *) html=$argument ;;
  esac
done

# The tools of the compiler's own version read its counters.
tools=$(dirname "$(readlink -f "$(command -v swift)")")
scratch=$root/.build-coverage
if [ $builds = 1 ]; then
  (cd "$root" && swift build -Xswiftc -profile-generate -Xswiftc -profile-coverage-mapping --scratch-path "$scratch") >&2
fi
bin=$scratch/debug
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LLVM_PROFILE_FILE="$work/%p-%m.profraw"

# replay TARGET FOLDER: what breaks a rule is told, and ends nothing: its lines were run like others.
status=0
replay() { "$bin/$1" "$2" >"$work/log" || { grep -v '^ok ' "$work/log" >&2; status=1; }; }

mapfile -t all < <(targets)
objects=()
for target in "${all[@]}"; do
  objects+=(-object "$bin/$target")
  if [ -d "$(corpus "$target")" ]; then replay "$target" "$(corpus "$target")"; fi
done
python3 "$root/Fuzz/vectors.py" "$root/Corpus" "$work/vectors"
replay FuzzDecode "$work/vectors"
for trace in "$root"/Corpus/resume/traces/*.trace; do
  "$bin/streamtool" replay "$trace" >/dev/null || { echo "$trace does not hold" >&2; status=1; }
done

"$tools/llvm-profdata" merge -sparse "$work"/*.profraw -o "$work/all.profdata"
"$tools/llvm-cov" show -format=html -output-dir="$html" -instr-profile="$work/all.profdata" \
  "$bin/streamtool" "${objects[@]}" "$root/Sources" "$root/Fuzz/FuzzSupport"
echo "HTML: $html/index.html"
"$tools/llvm-cov" export -instr-profile="$work/all.profdata" "$bin/streamtool" "${objects[@]}" \
  "$root/Sources/MigrationStream" "$root/Sources/ResumePath" >"$work/all.json"
python3 "$root/Fuzz/uncovered.py" "$mode" "$work/all.json" "$root" "$root/Fuzz/uncovered.md" || status=1
exit $status
