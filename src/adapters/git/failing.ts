// What a failed git command means, where somebody can act on it; anything else stays an error with git's last words.
import { permanent, transient } from '../../domain/failures';
import { diskFull } from '../full-disk';
import { lastWords, redacted } from './words';

export type Failure = {
  verb: string;
  said: string;
  folder: string;
  /** The repository, for a command that speaks to it. */
  speaksTo?: string;
};

// First match wins: git ends most failed conversations with the same words, which alone mean only that it got no answer.
const meanings: readonly [RegExp, (failure: Failure) => Error][] = [
  [/No space left on device|Disk quota exceeded|Out of diskspace/i, noSpace],
  [/mismatched algorithms|does not support this repository's hash algorithm/, (f) => unusable(f, SHA_256)],
  [/dubious ownership/, (f) => unusable(f, "it is another user's, and not among this user's safe.directory")],
  [/fsck error|^error: object [0-9a-f]{40}: /m, (f) => unusable(f, `its objects are malformed: ${lastWords(f.said)}`)],
  [
    /Authentication failed|could not read (?:Username|Password)|Permission denied|Host key verification|error: 40[13]/,
    (f) => permanent('RepositoryRefused', `${where(f)} did not let git in: ${lastWords(f.said)}`),
  ],
  // The folder that git runs in, not the repository that it speaks to.
  [/not a git repository \(or any|Unable to read current working directory/, cleared],
  [
    /not (?:appear to be )?a git repository|invalid gitfile|repository (?:.*not found|not exported)|error: 404/i,
    (f) => unusable(f, `it is not a git repository (${lastWords(f.said).split('\n')[0]})`),
  ],
];

export function failureOf(failure: Failure): Error {
  const meaning = meanings.find(([words]) => words.test(failure.said));
  if (meaning) return meaning[1](failure);
  const words = `git ${failure.verb}: ${lastWords(failure.said)}`;
  return failure.speaksTo === undefined
    ? new Error(words)
    : transient('RepositoryUnavailable', `${where(failure)}: ${words}`);
}

/** Of git's two kinds, the other one can neither fetch nor push. */
export const SHA_256 = 'it names its objects by SHA-256, and Millwright works with repositories that do so by SHA-1';

const where = ({ speaksTo, folder }: Failure): string => redacted(speaksTo ?? folder);

const unusable = (failure: Failure, reason: string) =>
  permanent('InvalidInput', `"${where(failure)}" cannot be used as a repository: ${reason}`);

function cleared({ folder, said }: Failure) {
  return transient('RepositoryUnavailable', `${folder} was cleared meanwhile: ${lastWords(said)}`);
}

// The other side's words begin with "remote:"; without that it is our own disk that is full.
function noSpace(failure: Failure) {
  const theirs = /^remote:.*(?:No space|quota|Out of diskspace)/im.test(failure.said);
  return diskFull(theirs ? where(failure) : failure.folder, lastWords(failure.said));
}
