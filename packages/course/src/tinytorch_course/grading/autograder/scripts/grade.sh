#!/usr/bin/env bash
# grade.sh FORMAT SUBMISSION RESULTS VENV DATA: grades a submission. Whatever happens, the file
# RESULTS is there and valid: also when the grader fails, or this is killed for the time it takes.
set -u
format=$1 submission=$2 results=$3 venv=$4 data=$5
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

mkdir -p "$(dirname "$results")"
cp "$here/unfinished.json" "$results"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export TINYTORCH_HOME=$scratch/home

# A folder with an archive and nothing else: the archive is what was handed in.
shopt -s nullglob dotglob
handed_in=("$submission"/*)
if [ ${#handed_in[@]} -eq 1 ] && [ -f "${handed_in[0]}" ] && [ ! -L "${handed_in[0]}" ]; then
    case "${handed_in[0]}" in
        *.zip | *.whl | *.tar | *.tar.* | *.tgz | *.tbz2 | *.txz) submission=${handed_in[0]} ;;
    esac
fi

mapfile -t arguments < "$here/arguments"
[ -d "$here/tests" ] && arguments+=(--tests "$here/tests")
[ -d "$data" ] && arguments+=(--data-dir "$data")

# Where the container forbids a sandbox of its own, the container is the wall.
"$venv/bin/tinytorch" grade "$submission" "${arguments[@]}" --sandbox any --frozen "$here/requirements.txt" \
    --results "$scratch/grades" --format "$format" --output "$scratch/results.json"
status=$?

if "$venv/bin/python" -c 'import json, sys; json.load(open(sys.argv[1], encoding="utf-8"))["score"]' "$scratch/results.json"; then
    cp "$scratch/results.json" "$results.new" && mv "$results.new" "$results"
else
    echo "tinytorch grade ended with $status and left no result" >&2
fi
exit 0
