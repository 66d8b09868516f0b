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

export type TestRun = {
  runner: string;
  /** False when the report is missing or cut off: then nothing that it says counts. */
  complete: boolean;
  cases: readonly TestCase[];
  /** Test files that did not parse or load, with what was said. */
  unloadable: readonly { file: string; error: string; syntax: boolean }[];
  /** Percent of lines of the code, tests left out. */
  coverage: number | null;
  /** Why it is not complete, or what stopped it, in words. */
  trouble?: string;
  command: string;
  /** The last of what was printed, for people. */
  output: string;
  ms: number;
};
