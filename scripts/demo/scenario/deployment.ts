// How it is put into operation, as far as it is there: the deployer goes by what it is shown.
import type { Artifact } from '../../../src/domain/artifacts';

type Variable = Artifact<'DeploymentPlan'>['environment_variables'][number];

/** What a deployment has for each thing that was built; `main.mjs` alone is the least that can be run. */
type Built = { login: boolean; hardening: boolean; inRepository: boolean };

/** `delivered`: the plan becomes files of the repository, and is no page beside it. */
export function deploymentFor(prompt: string, delivered: boolean): Artifact<'DeploymentPlan'> {
  if (!prompt.includes('src/main.mjs')) throw new Error('the deployer was not shown what there is to run');
  const built = {
    login: prompt.includes('src/tokens.mjs'),
    hardening: prompt.includes('src/guards/20-rate-limit.mjs'),
    inRepository: delivered || prompt.includes('deploy/compose.yaml'),
  };
  return {
    summary: `One container without privileges behind a TLS proxy${built.login ? ', with the token secret from the environment' : ''}.`,
    confidence: 0.88,
    dockerfile: dockerfile(built),
    deployment_config: compose(built),
    environment_variables: variables(built),
    deploy_instructions: instructions(built),
  };
}

/** What a reviewer adds who finds a deployment in the candidate. */
export function deploymentSeen(review: Artifact<'Review'>, prompt: string): Artifact<'Review'> {
  if (!/^\+\+\+ b\/(Dockerfile$|deploy\/)/m.test(prompt)) return review;
  const words =
    'The image runs as a user of its own, and the container without capabilities; nothing secret is in its files.';
  return { ...review, rationale: `${review.rationale} ${words}` };
}

const lines = (...parts: readonly (string | readonly string[])[]): string => `${parts.flat().join('\n')}\n`;
const where = (there: boolean, ...text: readonly string[]): readonly string[] => (there ? text : []);

const dockerfile = ({ hardening }: Built): string =>
  lines(
    'FROM node:20-alpine',
    'ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000',
    'WORKDIR /app',
    'COPY package.json ./',
    'COPY src ./src',
    'USER node',
    'EXPOSE 3000',
    where(
      hardening,
      'HEALTHCHECK --interval=30s --timeout=3s \\',
      `  CMD node -e "fetch('http://127.0.0.1:' + process.env.PORT + '/health').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"`,
    ),
    'CMD ["node", "src/main.mjs"]',
  );

// What login and hardening add stands apart, so that the two merge in either order.
const compose = ({ login, hardening, inRepository }: Built): string =>
  lines(
    'services:',
    '  api:',
    `    build: ${inRepository ? '..' : '.'}`,
    '    restart: unless-stopped',
    "    ports: ['127.0.0.1:3000:3000']",
    '    environment:',
    where(login, '      TOKEN_SECRET: ${TOKEN_SECRET:?set it to at least 32 random characters}'),
    "      PORT: '3000'",
    where(hardening, "      TRUST_PROXY: '1'"),
    '    read_only: true',
    '    cap_drop: [ALL]',
    "    security_opt: ['no-new-privileges:true']",
    '    mem_limit: 512m',
  );

const ofLogin: Variable[] = [
  {
    name: 'TOKEN_SECRET',
    purpose: 'Key of the tokens, at least 32 characters; without it every restart ends every session.',
    required: true,
  },
  { name: 'TOKEN_TTL_SECONDS', purpose: 'How long a token is valid; 3600 by default.', required: false },
];
const ofAccounts: Variable[] = [
  { name: 'HOST', purpose: 'Address to listen on; 0.0.0.0 in the container.', required: false },
  { name: 'PORT', purpose: 'Port to listen on; 3000 by default.', required: false },
];
const ofHardening: Variable[] = [
  {
    name: 'TRUST_PROXY',
    purpose: '1 behind a reverse proxy, so that clients are told apart; never without one.',
    required: false,
  },
  { name: 'RATE_LIMIT', purpose: 'Requests of a client in a minute; 120 by default.', required: false },
  {
    name: 'CREDENTIALS_RATE_LIMIT',
    purpose: 'Registrations and logins of a client in a minute; 20 by default.',
    required: false,
  },
];

const variables = ({ login, hardening }: Built): Variable[] => [
  ...(login ? ofLogin : []),
  ...ofAccounts,
  ...(hardening ? ofHardening : []),
];

const PROXY = 'Point a reverse proxy with TLS at 127.0.0.1:3000. It must set X-Forwarded-For itself.';
const BACK =
  'To go back, start the previous image. Accounts and notes are in memory and end with the container: put a database behind the stores before anything that matters is kept.';

function instructions({ inRepository }: Built): string[] {
  if (inRepository)
    return [
      'Set the variables that are required. A secret is made once, and kept where the other secrets are: openssl rand -base64 48',
      'Start it: docker compose --file deploy/compose.yaml up --build --detach',
      PROXY,
      'Check it: POST /users with an address and a password answers 201.',
      BACK,
    ];
  return [
    'Save the Dockerfile and, as compose.yaml, the configuration beside package.json.',
    'Make a secret once and keep it where the other secrets are: openssl rand -base64 48',
    'Start it: TOKEN_SECRET=… docker compose up --build --detach',
    PROXY,
    'Check it: GET /health answers 200, POST /users answers 201, and GET /me without a token answers 401.',
    BACK,
  ];
}
