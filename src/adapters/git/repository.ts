// Which repository is meant: an absolute path, or a URL of a transport that can run nothing on this machine.
import { fileURLToPath } from 'node:url';
import { permanent } from '../../domain/failures';
import { holdsSecret, SECRET_REFUSED } from '../../domain/request';
import { redacted } from './words';

export type Repository = {
  /** As git is given it, and as its mirror is named. */
  text: string;
  /** Set where it lies on this machine. */
  path?: string;
};

const LIMIT_CHARS = 1_000;
const transports = new Set(['https:', 'ssh:', 'git:']);
// `user@host:path`. Two colons would name a remote helper, a program for git to run.
const scpLike = /^(?:[\w.-]+@)?[\w][\w.-]*:(?!:|\/\/)\S+$/;

export function parseRepository(text: string): Repository {
  if (holdsSecret(text)) throw permanent('InvalidInput', `the repository's URL cannot be used: ${SECRET_REFUSED}`);
  // eslint-disable-next-line no-control-regex
  if (text.length > LIMIT_CHARS || /[\u0000-\u001f\u007f]/.test(text)) throw refusal(text, 'it is not plain text');
  if (text.startsWith('-')) throw refusal(text, 'it begins with a dash');
  if (/^[\w+.-]*::/.test(text)) throw refusal(text, 'it names a program for git to run');
  if (text.startsWith('/')) return { text, path: text };
  if (/^[\w+.-]+:\/\//.test(text)) return parseUrl(text);
  if (scpLike.test(text)) return { text };
  throw refusal(text, 'expected an absolute path, an https, ssh, git or file URL, or user@host:path');
}

function parseUrl(text: string): Repository {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'file:' && url.host === '') return { text, path: fileURLToPath(url) };
  if (url === undefined || !transports.has(url.protocol)) throw refusal(text, 'expected https, ssh, git or file');
  // ssh would take a host or user that begins with a dash for an option of its own.
  if (/^-/.test(url.hostname) || /^(?:-|%2d)/i.test(url.username)) throw refusal(text, 'its host begins with a dash');
  return { text };
}

const refusal = (text: string, reason: string) =>
  permanent('InvalidInput', `"${redacted(text).slice(0, 200)}" cannot be used as a repository: ${reason}`);
