#!/bin/bash
# usage: run.sh TARGET [SECONDS] [-- SWITCHES OF LIBFUZZER]
#
# Builds an instrumented release of a target and fuzzes from its committed corpus for SECONDS, 60 if not given.
# What is found goes to Fuzz/findings/TARGET; new inputs to Fuzz/findings/TARGET/corpus, from which merge.sh takes what
# the committed corpus lacks.
#
#   --no-build   takes the binary as it is
#   --list       prints the targets
#   --help       prints this
#
# Status: 0 nothing found, 1 something found, 2 usage.
set -euo pipefail
# shellcheck source=Fuzz/targets.sh
. "$(dirname "$0")/targets.sh"

builds=1
positional=()
while [ $# -gt 0 ]; do
  case $1 in
    --help | -h) usage; exit 0 ;;
    --list) targets; exit 0 ;;
    --no-build) builds=0 ;;
    --) shift; break ;;
    -*) echo "$1 is no option; see --help" >&2; exit 2 ;;
    *) positional+=("$1") ;;
  esac
  shift
done
target=${positional[0]:-}
seconds=${positional[1]:-60}
[ -n "$target" ] || { usage >&2; exit 2; }
[[ $seconds =~ ^[0-9]+$ ]] || { echo "$seconds is no number of seconds" >&2; exit 2; }
known_target "$target"
[ $builds = 0 ] || build_target "$target" >&2

findings=$root/Fuzz/findings/$target
mkdir -p "$findings/corpus" "$(corpus "$target")"
log=$findings/log
read -ra options <<<"$(switches "$target" | tr "\n" " ")"
status=0
"$binaries/$target" "${options[@]}" -max_total_time="$seconds" -artifact_prefix="$findings/" "$@" \
  "$findings/corpus" "$(corpus "$target")" >"$log" 2>&1 || status=$?

number() { sed -nE "s/^stat::$1: *([0-9]+)/\1/p" "$log"; }
last=$(grep -oE 'cov: [0-9]+ ft: [0-9]+ corp: [0-9]+' "$log" | tail -1 || true)
echo "$target: $(number number_of_executed_units) executions, $(number average_exec_per_sec) a second, $last, $(number peak_rss_mb) MiB"
[ "$status" = 0 ] && exit 0
tail -30 "$log"
file=$(sed -nE 's/.*Test unit written to (.*)$/\1/p' "$log" | tail -1)
cat <<TEXT

Found something (status $status). Next:
  $binaries/$target ${file:-$findings/crash-...}      runs it again
  Fuzz/triage.sh $target                   says what it is, and how to make it small
  Corpus/fuzz/$target/                     is where the small one goes, named for its lesson, once the fault is mended
TEXT
exit 1
