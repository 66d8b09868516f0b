// What a test runner saw, from a structured report: never read off printed text.

/** One test that ran. */
export type TestCase = {
  /** File and full name: the same test has the same id on base and candidate. */
  id: string;
  file: string;
  name: string;
  outcome: 'passed' | 'failed' | 'skipped';
  error?: string;
  location?: string;
};

/** How many lines of a source file ran, of those that could. */
export type FileLines = { path: string; covered: number; total: number };

export type TestRun = {
  runner: string;
  /** False when the report is missing or cut off: then nothing that it says counts. */
  complete: boolean;
  cases: readonly TestCase[];
  /** Test files that did not parse or load, with what was said. */
  unloadable: readonly { file: string; error: string; syntax: boolean }[];
  /** Of the source files that were loaded, tests left out; null when nothing measured them. */
  lines: readonly FileLines[] | null;
  /** Tests, or whole files of them, that the repository itself says change their mind. */
  knownFlaky?: readonly string[];
  /** Why it is not complete, or what stopped it, in words. */
  trouble?: string;
  command: string;
  /** The last of what was printed, for people. */
  output: string;
  ms: number;
};
