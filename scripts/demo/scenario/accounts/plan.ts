// What is planned for "accounts": the milestone, and its tasks as parts that could be done side by side.
import type { Milestone } from '../../../../src/domain/artifacts/milestone-plan';
import type { PartScript } from '../milestone';

export const milestone: Milestone = {
  id: 'accounts',
  title: 'HTTP server and registration',
  description:
    'The HTTP server with routes and guards that are found by being there, JSON in and out, one shape for every failure; and POST /users, which registers an account with a safely kept password.',
  acceptance_criteria: [
    'POST /users with an email address and a password of 12 to 128 characters answers 201 with id, email and createdAt, and never with the password or its hash',
    'An address that is taken, in whatever case, answers 409, even when two registrations arrive together',
    'Fields that are wrong answer 422 and are all named; a body that is no JSON object answers 400',
    'A body over 16 KiB answers 413, one that is not declared as JSON 415; the server goes on serving',
    'Passwords are kept as salted scrypt hashes and compared in constant time',
    'Unknown addresses answer 404 and wrong methods 405 with Allow',
  ],
  dependencies: [],
  feedback: '',
  tasks: [
    {
      title: 'Server, router and the folders of routes and guards',
      files: ['package.json', 'src/server.mjs', 'src/router.mjs', 'src/registry.mjs', 'src/errors.mjs', 'src/main.mjs'],
      complexity: 'med',
      mocks: [{ input: 'GET /nowhere', output: '404 {"error":{"code":"not_found", …}}' }],
      tests_needed: ['404 and 405 with Allow', 'parameters are decoded, and bad encoding is refused'],
      independent: true,
    },
    {
      title: 'Bodies and validation',
      files: ['src/body.mjs', 'src/validation.mjs', 'src/guards/50-json-only.mjs'],
      complexity: 'low',
      mocks: [{ input: '{"email":"nobody"}', output: '422 with fields email and password' }],
      tests_needed: ['every wrong field is named', 'too large, not JSON, not declared as JSON'],
      independent: true,
    },
    {
      title: 'Registration',
      files: ['src/users.mjs', 'src/passwords.mjs', 'src/routes/users.mjs', 'docs/users.md', 'README.md'],
      complexity: 'med',
      mocks: [
        {
          input: 'POST /users {"email":"ada@example.org","password":"correct horse battery"}',
          output: '201 {"id":"…","email":"ada@example.org","createdAt":"…"}',
        },
      ],
      tests_needed: ['registers', 'duplicates, in another case and at the same moment', 'hashing'],
      independent: true,
    },
  ],
};

export const parts: PartScript[] = [
  {
    id: 'server',
    criteria: [5],
    interfaces: [
      'startServer({ host, port, env, now, passwordCost }) → { url, close }',
      "createRouter([{ 'GET /things/:id': handler }]) → (method, url) → { handler, params }, or a 404 or 405",
      'new HttpError(status, code, message, { fields, headers }): thrown anywhere, answered by the server',
      'a route or guard: the default export of its file, a function of the context { env, now, users, passwords }',
    ],
    explanation:
      'startServer runs the guards, finds the route and answers; every failure goes through HttpError, everything else becomes a 500 without details.',
  },
  {
    id: 'bodies',
    criteria: [2, 3],
    interfaces: [
      'readJson(request) → object, or 400 or 413',
      'validate(body, rules) → the fields that have a rule, or 422 with all that are wrong',
    ],
    explanation:
      'Bodies are read to the end even when they are too large, up to 1 MiB, because cutting the line at once would hide the 413 from an honest client.',
  },
  {
    id: 'registration',
    criteria: [0, 1, 4],
    interfaces: [
      'createUsers() → { add, findById, findByEmail }: add gives undefined when the address is taken',
      'createPasswords(cost) → { hash, verify }',
      'presentUser(user) → { id, email, createdAt }',
    ],
    explanation:
      'users.add looks and writes in one synchronous step, after the hash, so that of two registrations at the same moment one gets 409. Each hash carries its cost, so that the cost can be raised without invalidating older hashes.',
  },
];
