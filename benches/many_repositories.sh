#!/usr/bin/env bash
# Makes many bare repositories to measure `perimeter inventory`, `aggregate` and `check --inventory` with:
#
#   benches/many_repositories.sh DIRECTORY [COUNT]
#
# Each has 40 files of several languages in one commit, six carve-outs, owners and settings. One rests on what the first story
# of tests/cases changes, one on another network there, one on a network that the story does not know; the others stay on
# one host. What is made is the same in every run. docs/organisation.md says what came of it.
set -euo pipefail

directory=$1
count=${2:-1000}
mkdir -p "$directory"
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1

file() { # PATH TEXT
    printf 'M 100644 inline %s\ndata %d\n%s\n' "$1" "${#2}" "$2"
}

repository() { # NUMBER
    printf 'commit refs/heads/main\ncommitter Ada Fielding <ada@acme.example> %d +0000\ndata 3\nall\n' $((1767600000 + $1))
    file CODEOWNERS "* @acme/team-$(($1 % 50))"
    file perimeter.yaml $'sources: { ignore: ["vendor/**"] }\naliases: { "the home network": prod-us-east }'
    file deploy/a.yaml $'# ZFN-3 carve-out: inside VPC prod-us-east, number '"$1"$';\n# the tables hold no person\ntls: false'
    file deploy/b.yaml $'# ZFN-3 carve-out: never leaves VPC billing;\n# rates are public, and every call is signed\ntls: false'
    file src/c.go $'package c\n\n// ZFN-3 carve-out: inside VPC elsewhere-'"$1"$'; callers sign\nconst url = "http://c.internal"'
    file src/d.py $'# ZFN-3 carve-out: over the loopback; both ends are one process\nURL = "http://127.0.0.1"'
    file src/e.ts $'// ZFN-3 carve-out: over a Unix socket; both ends run as one user\nexport const socket = "/run/e.sock"'
    file src/f.rs $'// ZFN-3 carve-out: in the same pod; the port is not exposed\nconst PORT: u16 = 8080;'
    for index in {1..32}; do
        file "src/module_$index.go" $'package module\n\n// A file without any carve-out, as most are.\nfunc Number() int {\n\treturn '"$index"$'\n}'
    done
}

for ((number = 0; number < count; number++)); do
    bare="$directory/service-$number.git"
    git init --quiet --bare --template= --initial-branch=main "$bare"
    repository "$number" | git -C "$bare" fast-import --quiet
    git -C "$bare" remote add origin "https://github.com/acme/service-$number.git"
done
