// Milestone "hardening": health, rate limits and security headers. It only adds files, so that it can be built beside login.
import { filesOf, judged, locate, scores, type MilestoneScript } from '../milestone';
import { milestone, parts } from './plan';

const { code, tests } = filesOf(__dirname);

export const script: MilestoneScript = {
  milestone,
  parts,
  specification: {
    summary: 'GET /health, 429 for clients over their limit, and security headers on every answer.',
    confidence: 0.92,
    prd: `Registration and login are open to everybody and costly on purpose, so that whoever asks often enough can guess passwords or wear the server down. Each client may therefore make only so many requests a minute, and still fewer that carry a password.

Every answer tells browsers to treat it as data only: no caching, no sniffing, no framing, no referrer, HTTPS only. Load balancers can ask whether the process is up, at any time and without a token.

All of it is added as new guards and a new route: nothing that exists changes.`,
    user_stories: [
      'As an operator, I want a client that asks too often to be refused, so that it does not slow down the others.',
      'As a user, I want guessing my password to be slow, so that my account stays mine.',
      'As an operator, I want a health check, so that a broken instance is replaced.',
      'As a well-behaved client, I want to know how much is left and when to try again, so that I need not guess.',
    ],
    api_contracts: [
      {
        endpoint: '/health',
        method: 'GET',
        request: 'nothing',
        response: '{ "status": "ok", "uptimeSeconds": number }',
        status_codes: [{ code: 200, meaning: 'the process is up' }],
      },
      {
        endpoint: 'every other',
        method: 'any',
        request: 'as described there',
        response: 'as described there, with RateLimit-Remaining and RateLimit-Reset',
        status_codes: [{ code: 429, meaning: 'too_many_requests, with Retry-After in seconds' }],
      },
    ],
    data_model: [
      {
        entity: 'RateLimit',
        fields: [
          { name: 'client', type: 'string', rules: 'the address of the connection, or the one that our proxy added' },
          { name: 'used', type: 'number', rules: 'requests in the window of one minute; forgotten with it' },
        ],
      },
    ],
    non_functional: [
      'Memory grows with the clients of one minute at most.',
      'A refused request costs no hash and no body in memory.',
      'No existing file changes.',
      'A setting that is refused is named in the error.',
    ],
    acceptance_criteria: milestone.acceptance_criteria,
  },
  architecture: {
    summary: 'Two guards before those that exist, a counter with fixed windows, and one route.',
    confidence: 0.92,
    folder_structure: [
      { path: 'src/guards/10-security-headers.mjs', purpose: 'first, so that refusals carry the headers too' },
      { path: 'src/guards/20-rate-limit.mjs', purpose: 'who is counted, and what against' },
      { path: 'src/rate-limit.mjs', purpose: 'counts; knows nothing of HTTP' },
      { path: 'src/routes/health.mjs', purpose: 'GET /health' },
    ],
    service_boundaries: [
      { name: 'rate-limit', responsibility: 'numbers: how many, how many are left, until when' },
      { name: 'guards', responsibility: 'HTTP: who the client is, and the refusal' },
    ],
    dependency_map: [
      { from: 'src/guards/20-rate-limit.mjs', to: 'src/rate-limit.mjs', why: 'two counters: all, and credentials' },
    ],
    choices: [
      {
        choice: 'Fixed windows that end together for all clients',
        rationale: 'The old counts are dropped in one stroke, so that memory is bounded without a timer.',
        alternatives: ['sliding windows: fairer at the edges, more to keep', 'token buckets with a sweep'],
      },
      {
        choice: 'New files only',
        rationale: 'Login is built at the same time; with no file in common the two merge in either order.',
        alternatives: ['limits inside the routes, which would be edited from two sides'],
      },
      {
        choice: 'X-Forwarded-For is believed only when TRUST_PROXY says so, and only its last address',
        rationale: 'Everything before it was sent by the client, who would get a fresh limit for every lie.',
        alternatives: ['the first address', 'a list of trusted proxies'],
      },
    ],
    independent_parts: [],
  },
  code,
  changes: [
    {
      summary: 'GET /health, two rate limits for each client, and security headers on every answer.',
      confidence: 0.91,
      files: code,
      edits: [],
      deletions: [],
      dependencies_added: [],
      explanation:
        'The headers’ guard sorts first and never refuses, so that 429, 415 and 404 carry them as well. The limit’s guard counts every request but /health, and attempts with a password twice; it tells what is left of the tighter of the two. Both read their settings when the server starts, and a wrong one stops it there.',
      changelog:
        'Clients are limited to 120 requests a minute, 20 of them registrations and logins; GET /health tells whether the process is up.',
      revision_number: 0,
    },
  ],
  tests: {
    summary: 'Health, limits and headers over real HTTP, with a clock that the test moves.',
    confidence: 0.92,
    files: tests,
    deletions: [],
    cases: [
      {
        name: 'says that it is up, and for how long',
        kind: 'end-to-end',
        criterion: milestone.acceptance_criteria[0]!,
      },
      { name: 'never refuses a health check', kind: 'end-to-end', criterion: milestone.acceptance_criteria[0]! },
      {
        name: 'refuses a client over its limit until the minute is over',
        kind: 'end-to-end',
        criterion: milestone.acceptance_criteria[1]!,
      },
      {
        name: 'limits attempts with a password more tightly than the rest',
        kind: 'end-to-end',
        criterion: milestone.acceptance_criteria[2]!,
      },
      {
        name: 'behind a proxy, counts by the address that the proxy added',
        kind: 'end-to-end',
        criterion: milestone.acceptance_criteria[3]!,
      },
      {
        name: 'without a proxy, does not believe what a client says about its address',
        kind: 'end-to-end',
        criterion: milestone.acceptance_criteria[3]!,
      },
      {
        name: 'sends the security headers with every answer, refusals included',
        kind: 'contract',
        criterion: milestone.acceptance_criteria[4]!,
      },
      {
        name: 'does not start with a limit that is no whole number',
        kind: 'integration',
        criterion: milestone.acceptance_criteria[5]!,
      },
    ],
  },
  review: () => ({
    summary: 'Limits, headers and health do what they should, and touch nothing that exists.',
    confidence: 0.89,
    verdict: 'passed',
    criteria: judged(milestone, [
      'The guard returns before counting; the route reads the clock of the context.',
      'Counting comes before the route; the window ends by the same clock that the tests move.',
      'Both counters run for these two, and the tighter one is told.',
      'clientOf takes the last address, and the socket’s when there is none.',
      'The guard’s name sorts first, and it cannot throw.',
      'limitFrom throws while the server starts.',
    ]),
    issues: [
      {
        severity: 'minor',
        location: locate(code, 'src/rate-limit.mjs', 'counts.clear()'),
        description: 'A client can use twice its limit around the end of a window.',
        suggestion: 'Acceptable for protection against wear; a sliding window would close it.',
        repro: 'Send the whole limit just before and just after the minute ends.',
      },
    ],
    suggestions: ['Count IPv6 clients by their /64: one connection usually has all of its addresses.'],
    score: 0.88,
    rationale: 'Every criterion is met, memory is bounded, and the settings are checked at the start.',
    next_step: 'Approve.',
  }),
  evaluation: () => ({
    summary: 'Sound protection for one instance, added without touching what exists.',
    confidence: 0.87,
    breakdown: scores(
      [4.6, 'Every criterion is met, the order of the guards included.'],
      [4.5, 'Counting and HTTP are apart; the guard reads from top to bottom.'],
      [4.3, 'Guessing is slowed and proxies are not believed blindly; IPv6 clients have many addresses.'],
      [4.6, 'New files only; settings have defaults and are checked.'],
      [3.5, 'Each instance counts for itself, so that the limit grows with the instances.'],
    ),
    feedback: 'Count in a shared store once there is more than one instance, and IPv6 clients by their network.',
  }),
};
