// Where a fault is no business of tests: what is only said to people, in logs and in the words of errors.

const LOGS = /^(console|log|logger|debug|winston|process\.emitWarning|(this|self)\.(log|logger))\b/;

export function quietRanges(traverse, program, content) {
  const ranges = [];
  const add = ({ start, end }) => void ranges.push({ start, end });
  traverse(program, {
    ThrowStatement({ node: { argument } }) {
      if (argument.type === 'NewExpression' || argument.type === 'CallExpression') argument.arguments.forEach(add);
    },
    CallExpression({ node }) {
      if (LOGS.test(content.slice(node.callee.start, node.callee.end))) add(node);
    },
    ExpressionStatement({ node }) {
      const { expression } = node;
      if (expression.type === 'CallExpression' && LOGS.test(content.slice(expression.start, expression.end))) add(node);
    },
    ImportDeclaration: ({ node }) => add(node),
    Directive: ({ node }) => add(node),
  });
  return ranges;
}
