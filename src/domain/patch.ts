// Which lines of a file a patch adds or changes.

/** Of a patch of one file, by their numbers in the file as it is afterwards. */
export function addedLines(patch: string): number[] {
  const lines: number[] = [];
  let at = 0;
  for (const row of patch.split('\n')) {
    const hunk = /^@@ -\d+(?:,\d+)? \+(\d+)/.exec(row);
    if (hunk) at = Number(hunk[1]);
    else if (at > 0 && row.startsWith('+')) lines.push(at++);
    else if (at > 0 && row.startsWith(' ')) at += 1;
  }
  return lines;
}
