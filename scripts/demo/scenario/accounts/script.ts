// Milestone "accounts": the server that everything else is added to, and registration.
import { filesOf, judged, locate, scores, type MilestoneScript } from '../milestone';
import { milestone, parts } from './plan';

const { code, tests } = filesOf(__dirname);

export const script: MilestoneScript = {
  milestone,
  parts,
  specification: {
    summary: 'The server and POST /users: validated, bounded, with scrypt hashes and one account per address.',
    confidence: 0.92,
    prd: `The API starts here: an HTTP server on Node's standard library that later milestones extend by adding files, never by editing a list. Every request and answer is JSON, and every failure has the same shape, with a code for programs and a message for people.

Its first resource is the account. Whoever sends an email address and a password of reasonable length gets an account. The address identifies it, regardless of case, and can be used once. The password is never kept, logged or shown: only a salted scrypt hash is, at a cost that makes guessing from a stolen copy expensive.

The server treats every input as hostile: bodies are bounded, types are checked, and what goes wrong inside is never told outside.`,
    user_stories: [
      'As a visitor, I want to register with my email address and a password, so that I have an account of my own.',
      'As a visitor, I want to be told everything that is wrong with my input at once, so that I can correct it in one go.',
      'As a user, I want my password to be kept so that nobody can read it, so that a stolen copy of the data does not hurt me elsewhere.',
      'As a developer of this API, I want a new resource to be a new file, so that two people can add resources side by side.',
    ],
    api_contracts: [
      {
        endpoint: '/users',
        method: 'POST',
        request: '{ "email": string, "password": string of 12 to 128 characters }',
        response: '{ "id": string, "email": string, "createdAt": string }',
        status_codes: [
          { code: 201, meaning: 'registered' },
          { code: 400, meaning: 'invalid_json: the body is no JSON object' },
          { code: 409, meaning: 'email_taken' },
          { code: 413, meaning: 'too_large: over 16 KiB' },
          { code: 415, meaning: 'not_json: not declared as application/json' },
          { code: 422, meaning: 'invalid_fields: each wrong field with what is expected' },
        ],
      },
    ],
    data_model: [
      {
        entity: 'User',
        fields: [
          { name: 'id', type: 'string', rules: 'random UUID' },
          { name: 'email', type: 'string', rules: 'at most 254 characters, kept in lower case, unique' },
          { name: 'passwordHash', type: 'string', rules: 'scrypt$N$r$p$salt$key; never leaves the server' },
          { name: 'createdAt', type: 'string', rules: 'ISO 8601, UTC' },
        ],
      },
    ],
    non_functional: [
      'No dependency; Node 20 or newer.',
      'scrypt with N = 2^15, r = 8, p = 3 and a salt of 16 bytes; hashing does not block the event loop.',
      'At most 16 KiB of a body are held in memory.',
      'An unforeseen failure answers 500 without any detail, and is logged.',
    ],
    acceptance_criteria: milestone.acceptance_criteria,
  },
  architecture: {
    summary: 'A small server that loads guards and routes from folders, and stores behind interfaces of three methods.',
    confidence: 0.9,
    folder_structure: [
      { path: 'src/main.mjs', purpose: 'starts the server with the settings of the environment' },
      { path: 'src/server.mjs', purpose: 'guards, then the route; turns failures into answers' },
      { path: 'src/guards/', purpose: 'what every request passes, in the order of the file names' },
      { path: 'src/routes/', purpose: 'one file a resource' },
      { path: 'test/', purpose: 'tests over real HTTP, and of single modules where that is sharper' },
      { path: 'docs/', purpose: 'one page for each part of the API' },
    ],
    service_boundaries: [
      {
        name: 'server',
        responsibility:
          'startServer({ host, port, env, now, passwordCost }) → { url, close }: HTTP, and nothing of accounts',
      },
      {
        name: 'router',
        responsibility:
          "createRouter([{ 'GET /things/:id': handler }]) → (method, url) → { handler, params }, or a 404 or 405",
      },
      { name: 'routes', responsibility: 'default export (context) → { name: handler }: between HTTP and the domain' },
      { name: 'users', responsibility: 'keeps accounts; an address exists once' },
      {
        name: 'passwords',
        responsibility: 'createPasswords(cost) → { hash, verify }: nothing else touches a password',
      },
    ],
    dependency_map: [
      { from: 'src/server.mjs', to: 'src/registry.mjs', why: 'finds guards and routes' },
      { from: 'src/server.mjs', to: 'src/users.mjs', why: 'makes the store that routes share' },
      { from: 'src/routes/users.mjs', to: 'src/validation.mjs', why: 'checks what came' },
    ],
    choices: [
      {
        choice: 'Routes and guards are found in their folders',
        rationale: 'Milestones that are built side by side add files instead of editing one list, and merge cleanly.',
        alternatives: ['a list of imports in server.mjs', 'a framework'],
      },
      {
        choice: 'scrypt from node:crypto',
        rationale: 'Hard on memory as well as on time, and in the standard library.',
        alternatives: ['argon2 and bcrypt: both are dependencies', 'PBKDF2: cheap on graphics cards'],
      },
      {
        choice: 'The store decides whether an address is taken, in one synchronous step',
        rationale: 'Looking first and writing after the slow hash would let two registrations through together.',
        alternatives: ['look, hash, write', 'a lock'],
      },
      {
        choice: 'Clock and cost of hashing are parameters of startServer',
        rationale: 'Tests of expiry and limits need no waiting, and tests of everything else no expensive hashes.',
        alternatives: ['mocking timers', 'a setting in the environment, which could weaken production by accident'],
      },
    ],
    independent_parts: [],
  },
  code,
  changes: [
    {
      summary: 'The HTTP server with folders of routes and guards, and registration with scrypt hashes.',
      confidence: 0.9,
      files: code,
      edits: [],
      deletions: [],
      dependencies_added: [],
      explanation:
        'startServer runs the guards, finds the route and answers; every failure goes through HttpError, everything else becomes a 500 without details. Bodies are read to the end even when they are too large, up to 1 MiB, because cutting the line at once would hide the 413 from an honest client. users.add looks and writes in one synchronous step, after the hash, so that of two registrations at the same moment one gets 409. Each hash carries its cost, so that the cost can be raised without invalidating older hashes.',
      changelog: 'Register accounts with POST /users.',
      revision_number: 0,
    },
  ],
  tests: {
    summary: 'Registration and the server over real HTTP, hashing and routing by themselves.',
    confidence: 0.92,
    files: tests,
    deletions: [],
    cases: [
      {
        name: 'registers a user and answers with what others may see',
        kind: 'end-to-end',
        criterion: milestone.acceptance_criteria[0]!,
      },
      {
        name: 'refuses an address that is taken, however it is written',
        kind: 'end-to-end',
        criterion: milestone.acceptance_criteria[1]!,
      },
      {
        name: 'lets only one of two registrations win that arrive together',
        kind: 'end-to-end',
        criterion: milestone.acceptance_criteria[1]!,
      },
      { name: 'names every field that is wrong', kind: 'contract', criterion: milestone.acceptance_criteria[2]! },
      {
        name: 'refuses a body over 16 KiB and goes on serving',
        kind: 'end-to-end',
        criterion: milestone.acceptance_criteria[3]!,
      },
      {
        name: 'a hash verifies its own password and no other',
        kind: 'unit',
        criterion: milestone.acceptance_criteria[4]!,
      },
      {
        name: 'says which method an address takes',
        kind: 'contract',
        criterion: milestone.acceptance_criteria[5]!,
      },
    ],
  },
  review: () => ({
    summary: 'Registration is complete and careful; two small remarks, nothing to send back.',
    confidence: 0.88,
    verdict: 'passed',
    criteria: judged(milestone, [
      'presentUser names the three fields that are shown, so that a field added later stays hidden.',
      'users.add looks and writes without waiting in between, after the hash.',
      'validate collects all problems before it refuses; parseObject refuses lists and null.',
      'readJson stops keeping chunks at the limit, and the guard comes before the route.',
      'scrypt with a salt for each hash; timingSafeEqual over keys of equal length.',
      'findRoute tells the two apart, and names the methods that are allowed.',
    ]),
    issues: [
      {
        severity: 'minor',
        location: locate(code, 'src/server.mjs', '.catch(failure)'),
        description: 'A client that breaks off in the middle of its body is logged as an internal failure.',
        suggestion: 'Treat ECONNRESET while the body is read as the end of the request.',
        repro: 'Announce a content-length of 100, send 10 bytes, close the connection.',
      },
    ],
    suggestions: ['Say in the README that 409 tells whether an address has an account.'],
    score: 0.9,
    rationale: 'Every criterion is met by code that is easy to follow, and inputs are bounded everywhere.',
    next_step: 'Approve.',
  }),
  evaluation: () => ({
    summary: 'Correct, compact and careful with passwords; keeps its data in memory, as agreed.',
    confidence: 0.87,
    breakdown: scores(
      [4.7, 'Every criterion is met, the race of two registrations included.'],
      [4.6, 'Small modules with one concern each; comments give reasons.'],
      [4.4, 'scrypt at the recommended cost and bounded input; the cost invites misuse until there are rate limits.'],
      [4.6, 'A new resource is a new file, and the store has three methods.'],
      [3.6, 'Hashing leaves the event loop free, but accounts live in the memory of one process.'],
    ),
    feedback: 'Rate limits on registration, which the plan has as hardening; later a store that outlives the process.',
  }),
};
