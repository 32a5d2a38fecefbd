#!/bin/bash
# usage: soak.sh RUNS [TARGET...]
#
# Long runs: each target, all unless said, runs so many executions from its committed corpus, in parts of at most a
# million with a seed each, two targets at a time. A part goes on with the inputs that the ones before it found, where they
# still are: remove Fuzz/findings/TARGET/corpus, and the next part begins anew. What a part did is added to long-runs.tsv
# when it ends, so a long run may be stopped at any time and goes on where it was; the table of README.md is made of that
# file. The revision is the newest that changed what the fuzzer is made of. A finding ends the runs of its target, and lies
# in Fuzz/findings/TARGET.
#
#   --no-build   takes the binaries as they are
#   --table      only makes the table of README.md
#   --help       prints this
#
# Status: 0 nothing found, 1 something found, 2 usage.
set -euo pipefail
# shellcheck source=Fuzz/targets.sh
. "$(dirname "$0")/targets.sh"
ledger=$root/Fuzz/long-runs.tsv
part_max=1000000

# revision TARGET: the newest change of what the fuzzer is made of. What it only links is not.
revision() {
  local oracle=(DecodeOracle DecodeReaders IndexOracle SeekOracle ReferenceLimits+Codec) folders=("${1#Fuzz}")
  local apart=(streamtool corpusgen StreamIO)
  case $1 in
    FuzzMapping | FuzzRoundTrip | FuzzRules | FuzzForeign | FuzzSave | FuzzTool)
      folders+=("${oracle[@]/#/Decode/}") ;;
  esac
  case $1 in
    FuzzDecode | FuzzMapping | FuzzRoundTrip | FuzzRules)
      apart+=(DeviceModel ForeignStreams StreamReport MigStreamABI ResumePath ResumeOracle ReferenceDevices) ;;
    FuzzResume) apart+=(ForeignStreams StreamReport MigStreamABI) ;;
    FuzzSave) apart+=(ForeignStreams StreamReport MigStreamABI) folders+=(Resume) ;;
    FuzzCABI) apart+=(DeviceModel ForeignStreams StreamReport ReferenceDevices) ;;
    FuzzStruct) apart+=(DeviceModel ForeignStreams StreamReport ReferenceDevices) folders+=(CABI) ;;
    FuzzModel) apart+=(ForeignStreams StreamReport MigStreamABI ResumePath ResumeOracle ReferenceDevices) ;;
    FuzzForeign) apart+=(DeviceModel MigStreamABI ResumePath ResumeOracle ReferenceDevices) ;;
    FuzzTool) apart+=(MigStreamABI ResumePath ResumeOracle ReferenceDevices) folders+=(Foreign Decode/DecodeTarget) ;;
  esac
  folders=("${folders[@]/#/Fuzz/FuzzSupport/}")
  git -C "$root" log -1 --abbrev=8 --format=%h -- Package.swift Sources 'Fuzz/CFuzz*' Fuzz/ReferenceReader Fuzz/uncounted "Fuzz/$1" \
    Fuzz/FuzzSupport/Harness "${folders[@]/%/*}" "${apart[@]/#/:!Sources/}"
}

# part TARGET SEED RUNS: one part of `revision`; adds a line to the ledger.
part() {
  local target=$1 seed=$2 runs=$3 log=$root/Fuzz/findings/$1/log printed status=0 start=$SECONDS
  printed=$("$root/Fuzz/run.sh" --no-build "$target" 0 -- -seed="$seed" -runs="$runs") || status=$?
  # Neither done nor a finding: somebody stopped it.
  [ "$status" = 0 ] || grep -q 'Test unit written to' "$log" || return 1
  printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$target" "$revision" "$seed" \
    "$(sed -nE 's/^stat::number_of_executed_units: *//p' "$log")" $((SECONDS - start)) \
    "$(grep -oE 'cov: [0-9]+' "$log" | tail -1 | cut -c6-)" "$([ "$status" = 0 ] && echo clean || echo found)" >>"$ledger"
  [ "$status" = 0 ] || { echo "$printed"; return 1; }
}

# did TARGET SEED RUNS: the ledger has that part.
did() {
  awk -v part="$1 $revision $2" -v runs="$3" \
    '$1 " " $2 " " $3 == part && $4 >= runs && $7 == "clean" { did = 1 } END { exit !did }' "$ledger"
}

# soak TARGET RUNS: part after part, but for those that the ledger has.
soak() {
  local left=$2 seed=1 runs revision
  revision=$(revision "$1")
  while [ "$left" -gt 0 ]; do
    runs=$((left < part_max ? left : part_max))
    did "$1" $seed $runs || part "$1" $seed $runs || return 1
    left=$((left - runs)) seed=$((seed + 1))
  done
  echo "$1: $2 executions, nothing found"
}

# The newest revision that each target was run at.
table() {
  python3 - "$ledger" "$root/Fuzz/README.md" <<'PYTHON'
import pathlib, re, sys
parts = [line.split("\t") for line in pathlib.Path(sys.argv[1]).read_text().splitlines()]
rows = ["| target | revision | executions | a second | edges | found |", "|---|---|---|---|---|---|"]
for target in sorted({part[0] for part in parts}):
    revision = [part for part in parts if part[0] == target][-1][1]
    own = [part for part in parts if part[:2] == [target, revision]]
    runs, seconds = (sum(int(part[place]) for part in own) for place in (3, 4))
    found = sum(part[6] == "found" for part in own)
    rows.append(f"| {target} | {revision} | {runs:,} | {runs / max(seconds, 1):,.0f} | {max(int(part[5]) for part in own):,} "
                f"| {found or 'nothing'} |")
readme = pathlib.Path(sys.argv[2])
readme.write_text(re.sub(r"(<!-- long runs -->\n).*?(<!-- end of the long runs -->)",
                         lambda match: match[1] + "\n".join(rows) + "\n" + match[2], readme.read_text(), flags=re.S))
PYTHON
}

builds=1
positional=()
for argument; do
  case $argument in
    --help | -h) usage; exit 0 ;;
    --table) table; exit 0 ;;
    --no-build) builds=0 ;;
    -*) echo "$argument is no option; see --help" >&2; exit 2 ;;
    *) positional+=("$argument") ;;
  esac
done
runs=${positional[0]:-}
[[ $runs =~ ^[1-9][0-9]*$ ]] || { usage >&2; exit 2; }
chosen=("${positional[@]:1}")
[ ${#chosen[@]} -gt 0 ] || mapfile -t chosen < <(targets | grep -v FuzzCanary)
for target in "${chosen[@]}"; do
  known_target "$target"
  [ $builds = 0 ] || build_target "$target" >&2
done
touch "$ledger"
export -f revision part did soak
export root ledger part_max
status=0
printf '%s\n' "${chosen[@]}" | xargs -P 2 -I '{}' bash -c "set -eo pipefail; soak {} $runs" || status=1
table
exit $status
