// Tables of Markdown, with cells that cannot break them.

export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  return [heads, heads.map(() => '---'), ...rows].map(line).join('\n');
}

const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
const cell = (text: string) => text.replace(/\|/g, '\\|').replace(/\s+/g, ' ');
