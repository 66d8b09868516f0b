// An artifact as a page that a person reads: every field, nothing interpreted.

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
  if (typeof item !== 'object' || item === null) return `- ${String(item).replace(/\r\n?|\n/g, '\n  ')}`;
  const simple = Object.values(item).every((field) => typeof field !== 'object' && !/[\r\n]/.test(String(field)));
  if (!simple) return `\n${fields(item, level + 1)}\n`;
  return `- ${Object.entries(item)
    .map(([name, field]) => `${words(name)}: ${String(field)}`)
    .join('; ')}`;
}

function paragraph(text: string): string {
  if (!/[\r\n]|^\s*(?:#|<|`{3}|~{3})/.test(text)) return text;
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((ticks) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
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
