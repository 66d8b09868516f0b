// What the agents say about the whole project: how they understand it, how they cut it, how it is put into operation.
import type { Artifact } from '../../../src/domain/artifacts';
import type { Milestone } from '../../../src/domain/artifacts/milestone-plan';

export const understanding: Artifact<'Understanding'> = {
  summary:
    'A REST API in plain Node with registration, login, expiring tokens and private notes, in an empty repository.',
  confidence: 0.93,
  goal: 'A REST API that can stand on the open internet: people register, log in for a token that expires, and keep notes that nobody else can see.',
  language: 'javascript',
  existing: ['Nothing: the repository is empty, so structure and conventions are ours to set.'],
  assumptions: [
    'Accounts and notes may be lost when the process ends; the stores are small interfaces, so that a database can take their place.',
    'One process is enough for now. Tokens are valid on every instance with the same secret; accounts, notes and rate limits are not shared.',
    'TLS ends at a reverse proxy in front of the API.',
    'An address is not proved by a mail, because sending mail was not asked for.',
  ],
  questions: [
    'How long should a token live? One hour is assumed, and can be set.',
    'May people change their password or delete their account? Left for later.',
    'Is it acceptable that registration tells whether an address is taken? A 409 does; hiding it needs mail.',
  ],
  risks: [
    'Authentication written by hand: kept small, on node:crypto alone, and tested against forged, altered and expired tokens.',
    'Hashing a password is meant to be slow, so that registration and login can be used to wear the server down until rate limits are in.',
    'Signed tokens cannot be called back before they expire.',
  ],
};

export const planOf = (milestones: Milestone[]): Artifact<'MilestonePlan'> => ({
  summary: 'Four milestones: accounts first, then login and hardening side by side, then the notes on top of login.',
  confidence: 0.91,
  milestones,
  out_of_scope: [
    'A database: both stores are in memory, behind interfaces of three to five methods.',
    'Proof of an email address, and a forgotten password: both need mail.',
    'Logout: a token is valid until it expires, one hour by default.',
    'Rate limits shared between instances.',
    'Roles: every user has the same rights over what is theirs.',
  ],
});

const dockerfile = `FROM node:20-alpine
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000
WORKDIR /app
COPY package.json ./
COPY src ./src
USER node
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=3s \\
  CMD node -e "fetch('http://127.0.0.1:' + process.env.PORT + '/health').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"
CMD ["node", "src/main.mjs"]
`;

const compose = `services:
  api:
    build: .
    restart: unless-stopped
    ports: ['127.0.0.1:3000:3000']
    environment:
      TOKEN_SECRET: \${TOKEN_SECRET:?set it to at least 32 random characters}
      TRUST_PROXY: '1'
    read_only: true
    cap_drop: [ALL]
    security_opt: ['no-new-privileges:true']
    mem_limit: 512m
`;

export const deployment: Artifact<'DeploymentPlan'> = {
  summary: 'One container without privileges behind a TLS proxy, with the token secret from the environment.',
  confidence: 0.88,
  dockerfile,
  deployment_config: compose,
  environment_variables: [
    {
      name: 'TOKEN_SECRET',
      purpose: 'Key of the tokens, at least 32 characters; without it every restart ends every session.',
      required: true,
    },
    { name: 'TOKEN_TTL_SECONDS', purpose: 'How long a token is valid; 3600 by default.', required: false },
    { name: 'HOST', purpose: 'Address to listen on; 0.0.0.0 in the container.', required: false },
    { name: 'PORT', purpose: 'Port to listen on; 3000 by default.', required: false },
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
  ],
  deploy_instructions: [
    'Save the Dockerfile and, as compose.yaml, the configuration beside package.json.',
    'Make a secret once and keep it where the other secrets are: openssl rand -base64 48',
    'Start it: TOKEN_SECRET=… docker compose up --build --detach',
    'Point a reverse proxy with TLS at 127.0.0.1:3000. It must set X-Forwarded-For itself.',
    'Check it: GET /health answers 200, POST /users answers 201, and GET /me without a token answers 401.',
    'To go back, start the previous image. Accounts and notes are in memory and end with the container: put a database behind the stores before anything that matters is kept.',
  ],
};
