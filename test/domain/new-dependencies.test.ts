// What an approval must name of the packages that a change brings: each that is new, as it will be installed.
import { isDependency, newDependencies, unadmitted } from '../../src/domain/new-dependencies';

const allowance = {
  allowed: new Set(['lodash']),
  known: { npm: new Set(['express', 'qs']), python: new Set(['flask']) },
};
const json = (content: object) => JSON.stringify(content);
const manifest = (dependencies: object) => ({ path: 'package.json', before: '{}', after: json({ dependencies }) });
const lock = (packages: object) => ({ path: 'package-lock.json', before: undefined, after: json({ packages }) });

test('a new package of a manifest is named with what is asked for, and with its version where that is locked', () => {
  expect(newDependencies([manifest({ 'left-pad': '^1.3.0', express: '5', lodash: '4' })], allowance)).toEqual([
    'npm:left-pad@^1.3.0',
  ]);
  const locked = lock({ '': {}, 'node_modules/left-pad': { version: '1.3.1' } });
  expect(newDependencies([manifest({ 'left-pad': '^1.3.0' }), locked], allowance)).toEqual(['npm:left-pad@1.3.1']);
});

test('so is what comes along with it, under its own name, and not what is there or allowed already', () => {
  const packages = {
    'node_modules/express': { version: '5.0.0' },
    'node_modules/lodash': { version: '4.0.0' },
    'node_modules/a/node_modules/@deep/er': { version: '2.0.0' },
    'node_modules/qs': { version: '6.0.0', name: 'evil' },
    'node_modules/own': { link: true, resolved: 'packages/own' },
    'packages/own': { version: '1.0.0' },
  };
  expect(newDependencies([lock(packages)], allowance)).toEqual(['npm:@deep/er@2.0.0', 'npm:evil@6.0.0']);
});

test('of Python, by its plain name', () => {
  const requirements = {
    path: 'requirements.txt',
    before: 'flask==3.0.0\n',
    after: 'flask==3.1.0\nReqeusts==2.0.0 --hash=sha256:00\n',
  };
  expect(newDependencies([requirements], allowance)).toEqual(['python:reqeusts@2.0.0']);
});

test.each([['[', 'null', '{"packages":null}', '{"packages":{"node_modules/a":null}}']])(
  'a lockfile that is %s stops nobody',
  (...texts) => {
    for (const after of texts)
      expect(() => newDependencies([{ path: 'package-lock.json', before: undefined, after }], allowance)).not.toThrow();
  },
);

test('what is no path is told from what is, and what nobody has let in by its name', () => {
  expect(
    ['npm:a@1', 'npm:@a/b@^1', 'python:a@>=1,<2', 'package.json', 'npm:a', 'src/npm:a@1'].filter(isDependency),
  ).toEqual([...['npm:a@1', 'npm:@a/b@^1', 'python:a@>=1,<2']]);
  expect(unadmitted(['npm:a@1'], ['npm:a@1', 'npm:b@1'])).toBeUndefined();
  expect(unadmitted(['npm:a@1'], ['npm:a@2'])).toContain('npm:a@1');
});
