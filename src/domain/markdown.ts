// What models wrote in pages that a person reads: every field of an artifact, nothing interpreted, no link, picture or tag.
import { spelledOut } from './plain-text';

/** Text in a line of Markdown that stays text: no link, picture, tag or code, and no address that would become a link by itself. */
export const inert = (text: string): string =>
  unlinked(spelledOut(text).replace(/\n/g, ' '))
    .replace(/[`<[\]|]|\\(?=[!-/:-@[-`{-~])|&(?=#?\w+;)/g, '\\$&')
    .replace(/^(\s*)(#+\s|>|(?:[-+*_=~]\s*){3,}$)/, '$1\\$2');

/** Text as code in a line: to be copied as it is, and nothing in it acts. */
export function verbatim(text: string): string {
  const plain = spelledOut(text).replace(/\n/g, ' ');
  const ticks = '`'.repeat(longestTicks(plain, 0) + 1);
  const gap = /^[` ]|[` ]$/.test(plain) ? ' ' : '';
  return `${ticks}${gap}${plain}${gap}${ticks}`;
}

const longestTicks = (text: string, least: number): number =>
  Math.max(least, ...(text.match(/`+/g) ?? []).map((ticks) => ticks.length));

/** An address with a gap in it: what shows Markdown makes a link of one that stands there bare. */
export const unlinked = (text: string): string =>
  text.replace(/\b(https?|ftp|mailto|xmpp):(?=\S)/gi, '$1: ').replace(/\bwww\.(?=\S)/gi, 'www. ');

/** Field names as words, lists as lists; texts of several lines, or that would be markup, in fences that they cannot close. */
export function artifactMarkdown(title: string, artifact: object): string {
  return `# ${title}\n\n${fields(artifact, 2)}\n`;
}

function fields(value: object, level: number): string {
  return Object.entries(value)
    .map(([name, field]) => `${'#'.repeat(Math.min(level, 6))} ${words(name)}\n\n${rendered(field, level)}`)
    .join('\n\n');
}

function rendered(value: unknown, level: number): string {
  if (value === null || value === undefined || value === '') return '—';
  if (Array.isArray(value)) return value.length === 0 ? '—' : value.map((item) => listed(item, level)).join('\n');
  if (typeof value === 'object') return fields(value, level + 1);
  return paragraph(String(value));
}

function listed(item: unknown, level: number): string {
  if (typeof item !== 'object' || item === null)
    return `- ${String(item)
      .split(/\r\n?|\n/)
      .map(inert)
      .join('\n  ')}`;
  const simple = Object.values(item).every((field) => typeof field !== 'object' && !/[\r\n]/.test(String(field)));
  if (!simple) return `\n${fields(item, level + 1)}\n`;
  return `- ${Object.entries(item)
    .map(([name, field]) => `${words(name)}: ${inert(String(field))}`)
    .join('; ')}`;
}

function paragraph(text: string): string {
  if (!/[\r\n]|^\s*(?:#|<|`{3}|~{3})/.test(text)) return inert(text);
  const fence = '`'.repeat(longestTicks(text, 2) + 1);
  return `${fence}\n${spelledOut(text)}\n${fence}`;
}

/** A page without its title as a passage of another: its headings a step lower, cut at a limit, and no fence left open. */
export function passageOf(page: string, limitChars: number): string {
  let fence: string | undefined;
  const told = page.replace(/^# .*\n+/, '');
  const lines = told.slice(0, limitChars).split('\n');
  const lower = lines.map((line) => {
    if (fence === undefined) fence = /^`{3,}$/.exec(line)?.[0];
    else if (line === fence) fence = undefined;
    return fence === undefined && line.startsWith('#') ? `#${line}` : line;
  });
  const cut = told.length > limitChars ? ['', `[cut: in all it has ${told.length} characters]`, ''] : [];
  return [...lower, ...(fence === undefined ? [] : [fence]), ...cut].join('\n');
}

const words = (name: string) => name.replace(/_/g, ' ');
