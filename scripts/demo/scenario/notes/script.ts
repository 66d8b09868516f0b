// Milestone "notes": notes that only their owner can see. Its first version forgets to ask whose note it is, and the
// tester's tests catch it.
import type { Edit } from '../../../../src/domain/artifacts/fields';
import { before, filesOf, judged, locate, scores, type MilestoneScript } from '../milestone';
import { milestone, parts } from './plan';

const { code, tests } = filesOf(__dirname);

const FLAWED = 'const find = (id) => notes.get(id);';
const CORRECTED = 'note?.ownerId === ownerId ? note : undefined';

const store = (find: string, replace: string): Edit => ({ path: 'src/notes.mjs', find, replace });
const route = (find: string, replace: string): Edit => ({ path: 'src/routes/notes.mjs', find, replace });

const corrections: Edit[] = [
  store(
    `// The notes, in memory.\n`,
    `// The notes, in memory. Everything is asked with the owner's id, and nobody else's note is ever found.\n`,
  ),
  store(
    `  ${FLAWED}
`,
    `  const find = (ownerId, id) => {
    const note = notes.get(id);
    return ${CORRECTED};
  };
`,
  ),
  store(
    `    change(id, { title, text }) {
      const note = find(id);
`,
    `    change(ownerId, id, { title, text }) {
      const note = find(ownerId, id);
`,
  ),
  store(
    `    remove: (id) => notes.delete(id),
`,
    `    remove: (ownerId, id) => find(ownerId, id) !== undefined && notes.delete(id),
`,
  ),
  route(
    `      authenticate(request, context);
      return { status: 200, body: presentNote(found(notes.find(params.id))) };
`,
    `      return { status: 200, body: presentNote(found(notes.find(ownerOf(request), params.id))) };
`,
  ),
  route(
    `      authenticate(request, context);
      const fields`,
    `      const owner = ownerOf(request);
      const fields`,
  ),
  route(`notes.change(params.id, fields)`, `notes.change(owner, params.id, fields)`),
  route(
    `      authenticate(request, context);
      found(notes.remove(params.id));
`,
    `      found(notes.remove(ownerOf(request), params.id));
`,
  ),
];

export const script: MilestoneScript = {
  milestone,
  parts,
  caughtBy: 'tests',
  specification: {
    summary: 'Five endpoints for notes that belong to the user whose token comes with the request.',
    confidence: 0.92,
    prd: `A logged-in user keeps short notes: writes them, lists them with the newest first, reads, changes and removes them.

A note belongs to who wrote it, and to nobody else. Other users cannot read, change or remove it, and cannot even find out that it exists: they get the answer that they would get for an id that was never given.

Notes are bounded in size and number, so that one user cannot fill the memory for all.`,
    user_stories: [
      'As a user, I want to write a note and find it again, so that I do not forget what it says.',
      'As a user, I want to change and remove my notes, so that only what is current stays.',
      'As a user, I want nobody else to see that my notes exist, so that I can write what I like.',
      'As an operator, I want notes to be bounded in size and number, so that one user cannot use up the server.',
    ],
    api_contracts: [
      {
        endpoint: '/notes',
        method: 'GET',
        request: 'a token',
        response: '{ "notes": [ { "id", "title", "text", "createdAt", "updatedAt" } ] }, the newest first',
        status_codes: [
          { code: 200, meaning: 'the notes of the user' },
          { code: 401, meaning: 'unauthorized' },
        ],
      },
      {
        endpoint: '/notes',
        method: 'POST',
        request: 'a token; { "title": string, "text": string }',
        response: 'the note, its address in Location',
        status_codes: [
          { code: 201, meaning: 'kept' },
          { code: 401, meaning: 'unauthorized' },
          { code: 409, meaning: 'too_many_notes' },
          { code: 422, meaning: 'invalid_fields' },
        ],
      },
      {
        endpoint: '/notes/:id',
        method: 'GET',
        request: 'a token',
        response: 'the note',
        status_codes: [
          { code: 200, meaning: 'the note' },
          { code: 401, meaning: 'unauthorized' },
          { code: 404, meaning: 'note_not_found: the user has no such note' },
        ],
      },
      {
        endpoint: '/notes/:id',
        method: 'PUT',
        request: 'a token; { "title": string, "text": string }',
        response: 'the note as it is now',
        status_codes: [
          { code: 200, meaning: 'changed' },
          { code: 401, meaning: 'unauthorized' },
          { code: 404, meaning: 'note_not_found' },
          { code: 422, meaning: 'invalid_fields' },
        ],
      },
      {
        endpoint: '/notes/:id',
        method: 'DELETE',
        request: 'a token',
        response: 'nothing',
        status_codes: [
          { code: 204, meaning: 'removed' },
          { code: 401, meaning: 'unauthorized' },
          { code: 404, meaning: 'note_not_found' },
        ],
      },
    ],
    data_model: [
      {
        entity: 'Note',
        fields: [
          { name: 'id', type: 'string', rules: 'random UUID' },
          { name: 'ownerId', type: 'string', rules: 'the user who wrote it; never shown, never taken from a body' },
          { name: 'title', type: 'string', rules: '1 to 200 characters' },
          { name: 'text', type: 'string', rules: 'up to 10,000 characters' },
          { name: 'createdAt', type: 'string', rules: 'ISO 8601, UTC' },
          { name: 'updatedAt', type: 'string', rules: 'ISO 8601, UTC; changes with each PUT' },
        ],
      },
    ],
    non_functional: ['At most 100 notes for each user.', 'The user is known before anything of a body is read.'],
    acceptance_criteria: milestone.acceptance_criteria,
  },
  architecture: {
    summary: 'A store of notes and one file of routes that authenticate first.',
    confidence: 0.92,
    folder_structure: [
      { path: 'src/notes.mjs', purpose: 'keeps notes and their limit; knows nothing of HTTP' },
      { path: 'src/routes/notes.mjs', purpose: 'the five endpoints' },
      { path: 'docs/notes.md', purpose: 'how to use them' },
    ],
    service_boundaries: [
      { name: 'notes', responsibility: 'what belongs to whom, and how much' },
      { name: 'routes', responsibility: 'who is asking, and what is answered' },
    ],
    dependency_map: [
      { from: 'src/routes/notes.mjs', to: 'src/authentication.mjs', why: 'every handler begins with the user' },
      { from: 'src/routes/notes.mjs', to: 'src/notes.mjs', why: 'makes the store and asks it' },
    ],
    choices: [
      {
        choice: '404 for the notes of others',
        rationale: '403 would tell that the note exists.',
        alternatives: ['403'],
      },
      {
        choice: 'Ownership is decided in the store',
        rationale: 'A route cannot forget a check that it does not make.',
        alternatives: ['a check in each handler'],
      },
      {
        choice: 'PUT replaces title and text',
        rationale: 'A note is small; one way to change it is easier to use rightly than two.',
        alternatives: ['PATCH with some of the fields'],
      },
    ],
    independent_parts: [],
  },
  code,
  changes: [
    {
      summary: 'Five endpoints for notes, each behind a token, with a store that keeps at most 100 for each user.',
      confidence: 0.84,
      files: before(corrections, code),
      edits: [],
      deletions: [],
      dependencies_added: [],
      explanation:
        'Every handler authenticates before it reads anything. The store keeps the notes with their owner, lists only the owner’s, and refuses the 101st. validate passes on title and text alone, so that a body cannot set an id or an owner.',
      changelog: 'Keep private notes under /notes.',
      revision_number: 0,
    },
    {
      summary: 'A note is now found for its owner alone; others get 404 to read, change and remove.',
      confidence: 0.93,
      files: [],
      edits: corrections,
      deletions: [],
      dependencies_added: [],
      explanation:
        'The failing tests are right: the first version checked that somebody was logged in, but looked notes up by id alone, so that every user could read, change and remove those of all others. The store now asks for the owner in each method and finds nothing that is somebody else’s, so that no route can forget it.',
      changelog: 'Keep private notes under /notes.',
      revision_number: 1,
    },
  ],
  tests: {
    summary: 'All endpoints over real HTTP, with two users who must not see each other’s notes.',
    confidence: 0.93,
    files: tests,
    deletions: [],
    cases: [
      { name: 'keeps a note and shows it again', kind: 'end-to-end', criterion: milestone.acceptance_criteria[0]! },
      {
        name: 'lists the notes of the user, the newest first',
        kind: 'end-to-end',
        criterion: milestone.acceptance_criteria[0]!,
      },
      { name: 'changes a note and says when', kind: 'end-to-end', criterion: milestone.acceptance_criteria[0]! },
      { name: 'removes a note for good', kind: 'end-to-end', criterion: milestone.acceptance_criteria[0]! },
      { name: 'lets nobody in without a token', kind: 'end-to-end', criterion: milestone.acceptance_criteria[1]! },
      ...['GET', 'PUT', 'DELETE'].map((method) => ({
        name: `answers ${method} for the note of somebody else as if there were none, and leaves it alone`,
        kind: 'end-to-end' as const,
        criterion: milestone.acceptance_criteria[2]!,
      })),
      {
        name: 'takes no field from the body but title and text',
        kind: 'contract',
        criterion: milestone.acceptance_criteria[3]!,
      },
      {
        name: 'keeps 100 notes of a user, and then says so',
        kind: 'end-to-end',
        criterion: milestone.acceptance_criteria[4]!,
      },
    ],
  },
  review: (prompt) => (prompt.includes(FLAWED) && !prompt.includes(CORRECTED) ? overlooked : passed),
  evaluation: () => ({
    summary: 'Correct and private, with ownership in one place; listing is linear in all notes.',
    confidence: 0.88,
    breakdown: scores(
      [4.7, 'Every criterion is met, for two users side by side.'],
      [4.6, 'Short handlers; the store says what it refuses.'],
      [4.6, 'Nothing is found for anybody but its owner, and nothing is taken from a body that has no rule.'],
      [4.5, 'The store can be replaced behind five methods.'],
      [3.5, 'Memory of one process, and listing looks at the notes of all users.'],
    ),
    feedback: 'Keep notes by owner, then in a database with an index on the owner.',
  }),
};

const whys = [
  'Five handlers of two or three lines over a store with five methods.',
  'ownerOf comes first in each handler, before the body is read.',
  'find asks for the owner, and change and remove go through find.',
  'validate returns the fields that have a rule, and nothing else.',
  'add counts and writes without waiting in between.',
];

const passed: ReturnType<MilestoneScript['review']> = {
  summary: 'Ownership is decided in the store, where no route can forget it; complete and well bounded.',
  confidence: 0.9,
  verdict: 'passed',
  criteria: judged(milestone, whys),
  issues: [
    {
      severity: 'minor',
      location: locate(code, 'src/notes.mjs', 'const of ='),
      description: 'Listing goes through the notes of all users.',
      suggestion: 'Keep a map for each owner when there are many; a database will have an index.',
      repro: '',
    },
  ],
  suggestions: ['An ETag on notes, so that two devices do not overwrite each other.'],
  score: 0.91,
  rationale: 'Every criterion is met, and the design makes the mistake that is usual here hard to make.',
  next_step: 'Approve.',
};

/** Where the review comes before the tests, it lets the first version through: asking who somebody is looks like enough. */
const overlooked: ReturnType<MilestoneScript['review']> = {
  ...passed,
  summary: 'Every endpoint asks who is there before it does anything; complete and well bounded.',
  criteria: judged(
    milestone,
    whys
      .with(1, 'authenticate comes first in each handler, before the body is read.')
      .with(2, 'Every handler authenticates before it looks for a note.'),
  ),
  score: 0.84,
  rationale: 'Every criterion seems to be met, and the handlers are short.',
};
