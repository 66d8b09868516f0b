const { availableParallelism } = require('node:os');

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  // Those need minutes, or programs that take minutes to build: `npm run test:faults` runs them.
  testPathIgnorePatterns: ['/node_modules/', '\\.heavy\\.test\\.ts$'],
  transform: {
    '\\.[jt]s$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } },
    ],
  },
  // These are published as ES modules only, which jest cannot require without a transform.
  transformIgnorePatterns: ['/node_modules/(?!@marcbachmann/cel-js/|@secretlint/)'],
  // Far more than any test takes by itself: it ends what hangs, and two tests at once on two busy cores are slow.
  testTimeout: 300_000,
  // A third of their time tests wait for servers and sandboxes. (jest takes "150%" for a hundred and fifty.)
  maxWorkers: Math.ceil(1.5 * availableParallelism()),
};
