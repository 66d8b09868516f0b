#!/bin/sh
# Millwright's protection of a base branch, as the hook `update` of this repository. Written by `npm run protect`.
# The branch moves only to one merge, whose first parent is where it stands, whose second is the candidate that its own
# trailers name, signed by the gate's key. So a receipt counts once, for this very commit, on this very parent.
set -u
# What a ref of another kind says an object is instead, counts for nothing here.
export LC_ALL=C GIT_NO_REPLACE_OBJECTS=1
settings=$(git rev-parse --git-dir)/millwright-gate
old=$2 new=$3
# A symbolic ref moves what it points to.
ref=$(git symbolic-ref -q "$1" || echo "$1")

no() {
  echo "millwright: $ref is protected, and this push is refused: $*" >&2
  echo "millwright: it moves only by merges of the gate, after an approval (npm run approve)" >&2
  exit 1
}

[ -r "$settings/branches" ] && [ -r "$settings/allowed_signers" ] || no "$settings cannot be read; run npm run protect again"
grep -Fxq -- "$ref" "$settings/branches" || exit 0

case $new in *[!0]*) ;; *) no "it would delete the branch" ;; esac
case $old in *[!0]*) ;; *) no "it would create the branch anew" ;; esac
[ "$(git cat-file -t "$new" 2>/dev/null)" = commit ] || no "$new is no commit"

# Every trailer once, so that none can be said twice with two meanings.
trailer() {
  git log -1 --no-show-signature --format="%(trailers:key=$1,valueonly,unfold)" "$new" -- | sed '/^$/d'
}
once() {
  value=$(trailer "$1")
  [ -n "$value" ] && [ "$(printf '%s\n' "$value" | wc -l)" -eq 1 ] || no "its receipt does not say $1 exactly once"
}

set -- $(git rev-list --parents -n 1 "$new" --)
[ $# -eq 3 ] || no "it is no merge of one candidate"
[ "$2" = "$old" ] || no "it is a merge into $(echo "$2" | cut -c1-10), and the branch stands at $(echo "$old" | cut -c1-10)"
candidate=$3
signed=$(git -c gpg.ssh.program=ssh-keygen -c gpg.ssh.revocationFile= -c "gpg.ssh.allowedSignersFile=$settings/allowed_signers" \
  log -1 --format='%G? %GS' "$new" -- 2>/dev/null)
[ "$signed" = "G millwright-gate" ] || no "it is not signed by the gate"
once Millwright-Base && [ "$value" = "$old" ] || no "its receipt is for another base"
once Millwright-Candidate && [ "$value" = "$candidate" ] || no "its receipt is for another candidate"
once Millwright-Tree && [ "$value" = "$(git rev-parse --verify -q "$new^{tree}")" ] || no "its receipt is for another tree"
once Millwright-Tests
once Millwright-Approved-By
exit 0
