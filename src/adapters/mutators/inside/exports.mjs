// What a file exports, by name: from there its functions can be called.

export function exportsIn(traverse, program) {
  const names = new Set();
  let isModule = false;
  let whole = true;
  traverse(program, {
    ImportDeclaration: () => void (isModule = true),
    ExportAllDeclaration() {
      isModule = true;
      whole = false; // what others export cannot be told from here
    },
    ExportDefaultDeclaration() {
      isModule = true;
      names.add('default');
    },
    ExportNamedDeclaration({ node: { declaration, specifiers } }) {
      isModule = true;
      for (const { exported } of specifiers) names.add(exported.name ?? exported.value);
      if (declaration?.id) names.add(declaration.id.name);
      for (const { id } of declaration?.declarations ?? [])
        if (id.type === 'Identifier') names.add(id.name);
        else whole = false;
    },
  });
  return isModule ? { kind: 'module', names: [...names], whole } : { kind: 'script' };
}
