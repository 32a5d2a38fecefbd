# shellcheck shell=bash disable=SC2034
# What the scripts of this folder share: the targets, where things are, and the switches of libFuzzer.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# The folder that quick release builds (Package.swift) go to, so that the other builds stay.
scratch=$root/.build-fuzz-quick
binaries=$scratch/release

# The targets: all that Package.swift has.
targets() { sed -nE 's/^ *name: "(Fuzz[A-Za-z]+)", dependencies: \["CFuzzShim".*/\1/p' "$root/Package.swift"; }

# Prints the lines of comment at the top of the script that calls it.
usage() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"; }

# known_target NAME: ends the script when there is no such target.
known_target() {
  targets | grep -qx "$1" || {
    echo "There is no target $1; there are: $(targets | tr '\n' ' ')" >&2
    exit 2
  }
}

# build_target NAME [swift build's further arguments]: a quick release build.
build_target() {
  local name=$1
  shift
  (cd "$root" && MIGSTREAM_QUICK_FUZZERS=1 swift build -c release -Xswiftc -sanitize=fuzzer --static-swift-stdlib \
    --scratch-path "$scratch" --product "$name" "$@")
}

# read_arguments [--no-build] [--help] TARGET [MORE...]: sets `target` and `positional`, TARGET and MORE, and builds it.
read_arguments() {
  local argument builds=1
  positional=()
  for argument; do
    case $argument in
      --help | -h) usage; exit 0 ;;
      --no-build) builds=0 ;;
      -*) echo "$argument is no option; see --help" >&2; exit 2 ;;
      *) positional+=("$argument") ;;
    esac
  done
  [ ${#positional[@]} -gt 0 ] || { usage >&2; exit 2; }
  target=${positional[0]}
  known_target "$target"
  [ $builds = 0 ] || build_target "$target" >&2
}

# What no target needs more of; a streams' dictionary for targets that read streams. libFuzzer's entropic schedule takes up
# to half of the time while a corpus grows, and comes to about as much coverage in as many executions.
switches() {
  echo "-max_len=$(max_length "$1")" -len_control=0 -timeout=10 -rss_limit_mb=1024 -use_value_profile=0 -reload=0 \
    -entropic=0 -print_funcs=0 -print_final_stats=1
  case $1 in
    FuzzModel) ;;
    *) [ -f "$root/Fuzz/migstream.dict" ] && echo "-dict=$root/Fuzz/migstream.dict" ;;
  esac
  return 0
}

max_length() {
  case $1 in
    FuzzModel | FuzzForeign | FuzzTool | FuzzDecode | FuzzResume | FuzzStruct) echo 16384 ;;
    # Programs: longer ones only take longer.
    FuzzRoundTrip | FuzzMapping | FuzzCABI | FuzzRules) echo 1024 ;;
    *) echo 4096 ;;
  esac
}

# corpus NAME: the committed inputs.
corpus() { echo "$root/Corpus/fuzz/$1"; }
