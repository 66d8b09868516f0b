// What a text could do to the terminal or the page that shows it.

/** Controls, what reorders or hides, and returns that write over a line. */
export const actsOnTerminal = (text: string): boolean => /(?![\n\t])\p{Cc}|\p{Cf}/u.test(text);

/** What is left of a page when its fences and its code are taken out, and what was escaped. */
function live(page: string): string {
  const lines: string[] = [];
  let fence: string | undefined;
  for (const line of page.split('\n')) {
    if (fence === undefined) {
      fence = /^(`{3,})$/.exec(line)?.[1];
      if (fence === undefined) lines.push(line);
    } else if (line === fence) fence = undefined;
  }
  expect(fence).toBeUndefined();
  return lines
    .join('\n')
    .replace(/\\[!-/:-@[-`{-~]/g, '')
    .replace(/(`+)(?!`).*?[^`]\1(?!`)/g, '');
}
export const actsOnPage = (page: string): string[] =>
  live(page).match(/\]\(|!\[|<[a-z/!]|\]:|https?:\/\/|www\.\w|`|^\s*#+ Approved|&#?\w+;/gim) ?? [];
