// Milestone "login": tokens, POST /sessions and GET /me. Its first version passes every test, and the reviewer sends it
// back all the same: it compares signatures with ===.
import type { Edit } from '../../../../src/domain/artifacts/fields';
import { before, filesOf, judged, locate, scores, type MilestoneScript } from '../milestone';
import { milestone, parts } from './plan';

const { code, tests } = filesOf(__dirname);

const FLAWED = 'signature !== sign(payload)';
const CORRECTED = 'inConstantTime(signature, sign(payload))';

const corrections: Edit[] = [
  {
    path: 'src/tokens.mjs',
    find: `import { createHmac, randomBytes } from 'node:crypto';`,
    replace: `import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';`,
  },
  { path: 'src/tokens.mjs', find: `if (${FLAWED})`, replace: `if (!${CORRECTED})` },
  {
    path: 'src/tokens.mjs',
    find: `      return now() < expiresAt ? userId : undefined;
    },
  };
}
`,
    replace: `      return now() < expiresAt ? userId : undefined;
    },
  };
}

// How long the comparison takes must not tell how much of a guessed signature was right.
function inConstantTime(given, expected) {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
`,
  },
];
const firstCode = before(corrections, code);

// The token's maker is shared by the routes, so the server makes it.
const serverEdits: Edit[] = [
  {
    path: 'src/server.mjs',
    find: `import { createRouter } from './router.mjs';`,
    replace: `import { createRouter } from './router.mjs';\nimport { createTokens } from './tokens.mjs';`,
  },
  {
    path: 'src/server.mjs',
    find: `  const context = { env, now, users: createUsers(), passwords: createPasswords(passwordCost) };`,
    replace: `  const tokens = createTokens({ secret: env.TOKEN_SECRET, ttlSeconds: env.TOKEN_TTL_SECONDS, now });
  const context = { env, now, users: createUsers(), passwords: createPasswords(passwordCost), tokens };`,
  },
];

export const script: MilestoneScript = {
  milestone,
  parts,
  caughtBy: 'review',
  specification: {
    summary: 'POST /sessions exchanges a password for an expiring, signed token; GET /me needs one.',
    confidence: 0.91,
    prd: `A registered user proves who they are once, with address and password, and gets a token that stands for them for an hour. Everything that belongs to a user is asked for with that token.

Login must not help an attacker: it does not tell whether the address or the password was wrong, neither in words nor by the time it takes. A token cannot be made, changed or prolonged without the server's secret, and the time that a refusal takes gives nothing of a signature away.

GET /me shows users their own account. It is the first protected endpoint and the pattern for those that follow.`,
    user_stories: [
      'As a user, I want to log in with my address and password, so that I can reach what is mine.',
      'As a user, I want a token that expires, so that a lost one is worthless soon.',
      'As a user, I want to see my own account, so that I know who I am logged in as.',
      'As an operator, I want the server to refuse a weak secret, so that a typing mistake does not open every account.',
    ],
    api_contracts: [
      {
        endpoint: '/sessions',
        method: 'POST',
        request: '{ "email": string, "password": string }',
        response: '{ "token": string, "tokenType": "Bearer", "expiresAt": string }',
        status_codes: [
          { code: 201, meaning: 'logged in' },
          { code: 401, meaning: 'wrong_credentials: which of the two is not told' },
          { code: 422, meaning: 'invalid_fields' },
        ],
      },
      {
        endpoint: '/me',
        method: 'GET',
        request: 'Authorization: Bearer <token>',
        response: '{ "id": string, "email": string, "createdAt": string }',
        status_codes: [
          { code: 200, meaning: 'the user' },
          { code: 401, meaning: 'unauthorized, with WWW-Authenticate: Bearer' },
        ],
      },
    ],
    data_model: [
      {
        entity: 'Token',
        fields: [
          { name: 'userId', type: 'string', rules: 'the user it stands for' },
          { name: 'expiresAt', type: 'number', rules: 'milliseconds since 1970; invalid from then on' },
          { name: 'signature', type: 'string', rules: 'HMAC-SHA256 of the encoded content, compared in constant time' },
        ],
      },
    ],
    non_functional: [
      'The secret comes from TOKEN_SECRET; without it a random one is made at each start.',
      'An unknown address costs as much time as a wrong password.',
      'Nothing is kept on the server for a token.',
      'A setting that is refused is named in the error.',
    ],
    acceptance_criteria: milestone.acceptance_criteria,
  },
  architecture: {
    summary: 'A module that signs and verifies tokens, one function that authenticates, and two routes.',
    confidence: 0.9,
    folder_structure: [
      { path: 'src/tokens.mjs', purpose: 'issues and verifies tokens; knows nothing of HTTP' },
      { path: 'src/authentication.mjs', purpose: 'from a request to its user, or 401' },
      { path: 'src/routes/sessions.mjs', purpose: 'login' },
      { path: 'src/routes/me.mjs', purpose: 'the user’s own account' },
    ],
    service_boundaries: [
      {
        name: 'tokens',
        responsibility:
          'createTokens({ secret, ttlSeconds, now }) → { issue, verify }: the only place that knows the secret',
      },
      {
        name: 'authentication',
        responsibility: 'authenticate(request, context) → user, or 401: the only place that reads the header',
      },
    ],
    dependency_map: [
      { from: 'src/authentication.mjs', to: 'src/tokens.mjs', why: 'asks whose token it is, through the context' },
      { from: 'src/routes/sessions.mjs', to: 'src/passwords.mjs', why: 'verifies, through the context' },
      { from: 'src/server.mjs', to: 'src/tokens.mjs', why: 'makes it once and hands it to all routes' },
    ],
    choices: [
      {
        choice: 'Content and HMAC-SHA256, and nothing else, in a token',
        rationale: 'There is one algorithm, so there is no field that names one and no way to confuse them.',
        alternatives: ['JWT: a header to check, for readers that we do not have', 'random session ids: need a store'],
      },
      {
        choice: 'Verify against a decoy hash when the address is unknown',
        rationale: 'Without it the quick answer tells who has an account.',
        alternatives: ['a fixed delay, which differs from the real work'],
      },
      {
        choice: 'Routes call authenticate themselves',
        rationale: 'What is protected can be read in the handler, and the user is its result.',
        alternatives: ['a guard with a list of protected paths, which somebody forgets to extend'],
      },
    ],
    independent_parts: [],
  },
  code,
  changes: [
    {
      summary: 'Signed tokens that expire, POST /sessions, and GET /me as the first protected endpoint.',
      confidence: 0.86,
      files: firstCode,
      edits: serverEdits,
      deletions: [],
      dependencies_added: [],
      explanation:
        'createTokens signs the content with HMAC-SHA256 and checks the signature before it reads anything of a token. The server makes it once, from TOKEN_SECRET, and refuses to start with a weak one. Login verifies a decoy hash when the address is unknown, so that both refusals take the same work. authenticate turns a request into its user or throws 401.',
      changelog: 'Log in with POST /sessions, and see your account with GET /me.',
      revision_number: 0,
    },
    {
      summary: 'Signatures are now compared in constant time.',
      confidence: 0.93,
      files: [],
      edits: corrections,
      deletions: [],
      dependencies_added: [],
      explanation:
        'The reviewer is right: !== stops at the first character that differs. The comparison now goes through timingSafeEqual, after a check of the lengths, which it needs and which tells nothing: every signature has the same length. Nothing else changed.',
      changelog: 'Log in with POST /sessions, and see your account with GET /me.',
      revision_number: 1,
    },
  ],
  tests: {
    summary: 'Login and GET /me over real HTTP with a clock that the test moves; tokens by themselves.',
    confidence: 0.9,
    files: tests,
    deletions: [],
    cases: [
      {
        name: 'gives a token for the right password, with its end',
        kind: 'end-to-end',
        criterion: milestone.acceptance_criteria[0]!,
      },
      {
        name: 'refuses a wrong password and an unknown address with the same answer',
        kind: 'end-to-end',
        criterion: milestone.acceptance_criteria[1]!,
      },
      {
        name: 'tells the user who they are, and nothing that is secret',
        kind: 'end-to-end',
        criterion: milestone.acceptance_criteria[2]!,
      },
      { name: 'refuses a token that has expired', kind: 'end-to-end', criterion: milestone.acceptance_criteria[3]! },
      {
        name: 'refuses a token whose content was changed',
        kind: 'end-to-end',
        criterion: milestone.acceptance_criteria[3]!,
      },
      {
        name: 'a changed character anywhere makes a token worthless',
        kind: 'unit',
        criterion: milestone.acceptance_criteria[3]!,
      },
      {
        name: 'does not start with a secret that is too short',
        kind: 'integration',
        criterion: milestone.acceptance_criteria[5]!,
      },
    ],
  },
  review: (prompt) => {
    if (prompt.includes(CORRECTED)) return passed;
    if (prompt.includes(FLAWED)) return sentBack;
    throw new Error('the reviewer of login was not shown how the signature is compared');
  },
  evaluation: (prompt) => (prompt.includes(FLAWED) && !prompt.includes(CORRECTED) ? firstEvaluation : evaluation),
};

const whys = [
  'The route answers exactly these three fields.',
  'One error for both, and verify runs against the decoy when there is no user.',
  'presentUser again decides what is shown.',
  'authenticate has one way out that is no refusal; verify checks the signature before it parses.',
  'inConstantTime goes through timingSafeEqual.',
  'createTokens throws before the server listens.',
];

const sentBack: ReturnType<MilestoneScript['review']> = {
  summary: 'Sent back: token signatures are compared with !==, which leaks by its timing how much of a guess is right.',
  confidence: 0.92,
  verdict: 'needs_revision',
  criteria: judged(milestone, whys.with(4, 'verify compares two strings with !==.'), [4]),
  issues: [
    {
      severity: 'major',
      location: locate(firstCode, 'src/tokens.mjs', FLAWED),
      description:
        'The signature is compared with !==, which stops at the first character that differs. Whoever can measure the answers can find a valid signature for a content of their choice piece by piece, and be any user. No test shows it, because the result is right; only the time is wrong.',
      suggestion:
        'Compare with crypto.timingSafeEqual over two buffers, after a check that they have the same length, as passwords.mjs does for keys.',
      repro: 'Time verify for signatures that share 0, 20 and 42 leading characters with the right one.',
    },
  ],
  suggestions: ['Keep the check of the signature before the parsing of the content, as it is.'],
  score: 0.62,
  rationale:
    'Everything else is sound, but a criterion of this milestone is not met, and it is the one that guards every account.',
  next_step: 'Compare in constant time; nothing else needs to change.',
};

const passed: ReturnType<MilestoneScript['review']> = {
  summary: 'The comparison takes constant time now; login gives nothing away and tokens hold.',
  confidence: 0.9,
  verdict: 'passed',
  criteria: judged(milestone, whys),
  issues: [],
  suggestions: ['When tokens must be called back one day, add a counter to the user and to the token.'],
  score: 0.93,
  rationale: 'Every criterion is met. The cryptography is the standard library’s, and there is little of it.',
  next_step: 'Approve.',
};

const firstEvaluation: ReturnType<MilestoneScript['evaluation']> = {
  summary: 'Works as specified, but compares signatures in a way that can be timed.',
  confidence: 0.84,
  breakdown: scores(
    [4.3, 'All tests pass; the criterion on constant time is not met.'],
    [4.4, 'Tokens, authentication and routes are clearly apart.'],
    [2.5, 'A decoy against timing at login, and then a signature compared with !==.'],
    [4.5, 'One function protects an endpoint.'],
    [4.0, 'Tokens need no store; any instance with the secret can verify them.'],
  ),
  feedback: 'Compare signatures with timingSafeEqual.',
};

const evaluation: ReturnType<MilestoneScript['evaluation']> = {
  summary: 'Login that gives nothing away, and tokens that any instance can verify.',
  confidence: 0.88,
  breakdown: scores(
    [4.7, 'Every criterion is met; expiry is exact to the millisecond.'],
    [4.5, 'Tokens, authentication and routes are clearly apart.'],
    [4.5, 'Constant time where it matters, one algorithm, a secret of enough length; no way yet to call a token back.'],
    [4.5, 'One function protects an endpoint.'],
    [4.0, 'Tokens need no store; any instance with the secret can verify them.'],
  ),
  feedback: 'A way to end all sessions of a user, once there is a store that outlives the process.',
};
