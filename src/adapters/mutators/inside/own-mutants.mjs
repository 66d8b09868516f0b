// The faults that Stryker does not make, and people do: a number off by one, half of an expression, a line or an entry left out.

const ENTRIES_LIMIT = 30;

export function ownMutants(traverse, program, content) {
  const mutants = [];
  const text = ({ start, end }) => content.slice(start, end);
  const add = (kind, { start, end, loc }, replacement) =>
    mutants.push({ kind, line: loc.start.line, start, end, replacement });
  const halves = ({ node }) => {
    if (node.left.type === 'PrivateName') return;
    add('Operand', node, `(${text(node.left)})`);
    add('Operand', node, `(${text(node.right)})`);
  };
  const without = (node, entries, [open, close]) => {
    if (entries.length < 2 || entries.length > ENTRIES_LIMIT || entries.includes(null)) return;
    for (const left of entries)
      add(
        'MissingEntry',
        node,
        open +
          entries
            .filter((entry) => entry !== left)
            .map(text)
            .join(', ') +
          close,
      );
  };
  const left = ({ node }) => void add('MissingStatement', node, ';');
  traverse(program, {
    NumericLiteral({ node, key, parent }) {
      if (key === 'key' && !parent.computed) return;
      if (!Number.isSafeInteger(node.value)) return;
      add('OffByOne', node, `${node.value + 1}`);
      add('OffByOne', node, node.value === 0 ? '(-1)' : `${node.value - 1}`);
    },
    BinaryExpression(path) {
      if (/^([-+*/%&|^]|\*\*|<<|>>>?)$/.test(path.node.operator)) halves(path);
    },
    LogicalExpression: halves,
    UnaryExpression({ node }) {
      if (node.operator === '-' || node.operator === '~') add('Operand', node, `(${text(node.argument)})`);
    },
    ConditionalExpression({ node }) {
      add('Operand', node, `(${text(node.consequent)})`);
      add('Operand', node, `(${text(node.alternate)})`);
    },
    StringLiteral({ node, key, parent }) {
      const isName = (key === 'key' && !parent.computed) || /^(Import|Export|TS|JSX)/.test(parent.type);
      if (isName || node.value.length < 2 || node.value.length > ENTRIES_LIMIT || /[\s\\]/.test(node.value)) return;
      const letters = [...node.value];
      letters.forEach((_, at) =>
        add('MissingEntry', node, JSON.stringify(letters.filter((__, other) => other !== at).join(''))),
      );
    },
    ArrayExpression: ({ node }) => without(node, node.elements, '[]'),
    ObjectExpression: ({ node }) => without(node, node.properties, ['({', '})']),
    ExpressionStatement(path) {
      if (!path.parentPath.isProgram()) left(path);
    },
    ContinueStatement: left,
    BreakStatement(path) {
      if (!path.parentPath.isSwitchCase()) left(path);
    },
  });
  return mutants;
}
