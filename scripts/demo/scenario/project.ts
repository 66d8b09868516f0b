// What the agents say about the whole project: how they understand it, and how they cut it.
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
