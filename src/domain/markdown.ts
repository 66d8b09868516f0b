// An artifact as a page that a person reads: every field, nothing interpreted.

/** Field names as words, lists as lists, texts of several lines in fences that they cannot close. */
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
  if (typeof item !== 'object' || item === null) return `- ${String(item).replace(/\n/g, '\n  ')}`;
  const simple = Object.values(item).every((field) => typeof field !== 'object' && !String(field).includes('\n'));
  if (!simple) return `\n${fields(item, level + 1)}\n`;
  return `- ${Object.entries(item)
    .map(([name, field]) => `${words(name)}: ${String(field)}`)
    .join('; ')}`;
}

function paragraph(text: string): string {
  if (!text.includes('\n')) return text;
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((ticks) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}

const words = (name: string) => name.replace(/_/g, ' ');
