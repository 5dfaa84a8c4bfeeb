#!/usr/bin/env bash
# PrairieLearn runs this for each submission.
root=${GRADE_ROOT:-/grade}
image=${TINYTORCH_IMAGE:-/opt/tinytorch}
exec bash "$root/tests/grade.sh" prairielearn "$root/student" "$root/results/results.json" "$image/venv" "$image/data"
