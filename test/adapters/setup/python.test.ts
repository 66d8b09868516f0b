// What a requirements.txt pins by hash is installed as wheels, and Python finds it; nothing else of a requirements.txt is.
import { useRegistry } from '../../registry/registry';
import { inside, ready, settingUp } from './setting';

const registry = useRegistry();
const here = () => ({ npm: registry.npm, python: registry.python });
beforeAll(
  () => void registry.wheel('padding', '1.0.0', { 'padding/__init__.py': 'def left(text):\n    return "  " + text\n' }),
);

test('wheels are found on the path, compiled, and cannot be changed there', async () => {
  const installed = ready(
    await settingUp(here())({ 'requirements.txt': `# pinned\n${registry.requirements(['padding', '1.0.0'])}` }),
  );
  expect(installed.words).toBe('1 package as requirements.txt says');
  const script = [
    'import os, sys',
    'sys.path.append(os.environ["MILLWRIGHT_PYTHON_DEPENDENCIES"])',
    'import padding',
    'print(padding.left("x"), bool(padding.__cached__ and os.path.exists(padding.__cached__)))',
    'try: open(padding.__file__, "w")',
    'except OSError as error: print(error.strerror)',
  ].join('\n');
  const { stdout, stderr } = await inside(installed, '', ['/usr/bin/python3', '-c', script]);
  expect(stderr + stdout).toBe('  x True\nRead-only file system\n');
});

test.each([
  ['without a hash', 'padding==1.0.0\n', 'padding==1.0.0: it is not NAME==VERSION with its --hash'],
  ['without a version', 'padding\n', 'padding: it is not'],
  ['from another index', '--index-url http://169.254.169.254/\n', '--index-url http://169.254.169.254/: it is not'],
  ['from an address', 'padding @ git+ssh://evil.example/x\n', 'padding @ git+ssh://evil.example/x: it is not'],
  ['of another file', '-r /etc/passwd\n', '-r /etc/passwd: it is not'],
])('a line %s is not taken, and said to be left out', async (_, text, words) => {
  const asked = registry.asked.length;
  const found = ready(await settingUp(here())({ 'requirements.txt': text }));
  expect(found).toMatchObject({
    mounts: [],
    words: expect.stringContaining(`nothing of requirements.txt is installed: ${words}`),
  });
  expect(registry.asked).toHaveLength(asked);
});
