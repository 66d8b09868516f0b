// What is planned for "login": the milestone, and its tasks as parts that could be done side by side.
import type { Milestone } from '../../../../src/domain/artifacts/milestone-plan';
import type { PartScript } from '../milestone';

export const milestone: Milestone = {
  id: 'login',
  title: 'Login and tokens',
  description:
    'POST /sessions gives a signed token that expires for the right password; GET /me is the first endpoint that needs one.',
  acceptance_criteria: [
    'POST /sessions answers 201 with token, tokenType and expiresAt for the right password',
    'A wrong password and an unknown address get the same 401, after the same work',
    'GET /me answers the user whose token it is, and never the hash',
    'No token, another scheme, and a token that is forged, altered or expired answer 401 with WWW-Authenticate',
    'Signatures are compared in constant time',
    'The server does not start with a secret under 32 characters or a lifetime that is no number',
  ],
  dependencies: ['accounts'],
  feedback: '',
  tasks: [
    {
      title: 'Tokens',
      files: ['src/tokens.mjs', 'src/server.mjs'],
      complexity: 'med',
      mocks: [{ input: 'verify(issue("ada").token)', output: '"ada"' }],
      tests_needed: ['every changed character is refused', 'expiry', 'another secret', 'bad settings'],
      independent: true,
    },
    {
      title: 'Login and the user’s own account',
      files: ['src/authentication.mjs', 'src/routes/sessions.mjs', 'src/routes/me.mjs', 'docs/sessions.md'],
      complexity: 'med',
      mocks: [
        { input: 'POST /sessions with a wrong password', output: '401 {"error":{"code":"wrong_credentials", …}}' },
        { input: 'GET /me without a token', output: '401, WWW-Authenticate: Bearer' },
      ],
      tests_needed: ['login', 'the same refusal for both mistakes', 'every way to come without a valid token'],
      independent: true,
    },
  ],
};

export const parts: PartScript[] = [
  {
    id: 'tokens',
    criteria: [4, 5],
    interfaces: [
      'createTokens({ secret, ttlSeconds, now }) → { issue, verify }, in the context of every route as `tokens`',
      'issue(userId) → { token, expiresAt }; verify(token) → userId, or undefined',
    ],
    explanation:
      'createTokens signs the content with HMAC-SHA256 and checks the signature before it reads anything of a token. The server makes it once, from TOKEN_SECRET, and refuses to start with a weak one.',
  },
  {
    id: 'sessions',
    criteria: [0, 1, 2, 3],
    interfaces: ['authenticate(request, { tokens, users }) → user, or 401 with WWW-Authenticate'],
    explanation:
      'Login verifies a decoy hash when the address is unknown, so that both refusals take the same work. authenticate turns a request into its user or throws 401.',
  },
];
