// What git says, for people: without credentials, without the advice, and not for ever.

const LINES = 12;
const LIMIT_CHARS = 1_500;

export const redacted = (text: string): string => text.replace(/\/\/[^/\s]*@/g, '//');

const advice = /^hint:|^To add an exception|^\s+git config --global|^error: failed to push some refs|^\s*$/;

/** The last lines of what was said. */
export function lastWords(said: string): string {
  const lines = redacted(said)
    .split('\n')
    .filter((line) => !advice.test(line))
    .map((line) => line.trim());
  return lines.slice(-LINES).join('\n').slice(-LIMIT_CHARS);
}

/** What the other side said while it took, or did not take, a push: its hooks speak here. */
export function remoteWords(said: string): string {
  const lines = said.split('\n').filter((line) => line.startsWith('remote:'));
  return lastWords(lines.map((line) => line.slice('remote:'.length)).join('\n'));
}
