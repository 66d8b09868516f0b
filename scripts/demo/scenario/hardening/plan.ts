// What is planned for "hardening": the milestone, and its tasks as parts that could be done side by side.
import type { Milestone } from '../../../../src/domain/artifacts/milestone-plan';
import type { PartScript } from '../milestone';

export const milestone: Milestone = {
  id: 'hardening',
  title: 'Health, rate limits and security headers',
  description:
    'What the API needs to stand on the open internet: GET /health, limits for each client with a tighter one for attempts with a password, and security headers on every answer.',
  acceptance_criteria: [
    'GET /health answers 200 with status and uptimeSeconds, without a token and whatever the limits say',
    'A client over RATE_LIMIT requests in a minute gets 429 with Retry-After, until the minute is over',
    'POST /users and POST /sessions are also counted against CREDENTIALS_RATE_LIMIT',
    'X-Forwarded-For counts only with TRUST_PROXY=1, and then its last address',
    'Every answer, refusals included, carries the security headers',
    'The server does not start with a limit that is no whole number over 0',
  ],
  dependencies: ['accounts'],
  feedback: '',
  tasks: [
    {
      title: 'Health and headers',
      files: ['src/routes/health.mjs', 'src/guards/10-security-headers.mjs', 'docs/operation.md'],
      complexity: 'low',
      mocks: [{ input: 'GET /health', output: '200 {"status":"ok","uptimeSeconds":90}' }],
      tests_needed: ['health', 'headers on 200, 404, 422 and 429'],
      independent: true,
    },
    {
      title: 'Rate limits',
      files: ['src/rate-limit.mjs', 'src/guards/20-rate-limit.mjs'],
      complexity: 'med',
      mocks: [{ input: 'the third request in a minute with RATE_LIMIT=2', output: '429, Retry-After: 40' }],
      tests_needed: ['the window and its end', 'credentials', 'with and without a proxy', 'bad settings'],
      independent: true,
    },
  ],
};

export const parts: PartScript[] = [
  {
    id: 'health',
    criteria: [0, 4],
    interfaces: ['guards/10-security-headers.mjs sorts before every guard that may refuse'],
    explanation: 'The headers’ guard sorts first and never refuses, so that 429, 415 and 404 carry them as well.',
  },
  {
    id: 'limits',
    criteria: [1, 2, 3, 5],
    interfaces: ['createRateLimit({ limit, windowMs, now }): counts by client; knows nothing of HTTP'],
    explanation:
      'The limit’s guard counts every request but /health, and attempts with a password twice; it tells what is left of the tighter of the two. A setting that is wrong stops the server while it starts.',
  },
];
