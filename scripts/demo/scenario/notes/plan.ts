// What is planned for "notes": the milestone, and its tasks as parts that could be done side by side.
import type { Milestone } from '../../../../src/domain/artifacts/milestone-plan';
import type { PartScript } from '../milestone';

export const milestone: Milestone = {
  id: 'notes',
  title: 'Private notes',
  description:
    'Create, list, read, change and remove notes with a token; nobody sees or touches those of somebody else.',
  acceptance_criteria: [
    'POST, GET, PUT and DELETE on /notes and /notes/:id create, list, show, change and remove notes',
    'Every endpoint answers 401 without a valid token',
    'The note of somebody else is answered with 404, as if there were none, and stays as it is',
    'Title and text are validated, and no other field of a body is taken',
    'A user may keep 100 notes; one more is answered with 409',
  ],
  dependencies: ['login'],
  feedback: '',
  tasks: [
    {
      title: 'Notes',
      files: ['src/notes.mjs', 'src/routes/notes.mjs', 'docs/notes.md'],
      complexity: 'med',
      mocks: [
        { input: 'POST /notes {"title":"Groceries","text":"Bread, salt"}', output: '201, Location: /notes/…' },
        { input: 'GET /notes/:id for the note of somebody else', output: '404 {"error":{"code":"note_not_found", …}}' },
      ],
      tests_needed: ['all five endpoints', 'other people’s notes', 'no token', 'validation', 'the limit'],
      independent: true,
    },
  ],
};

export const parts: PartScript[] = [
  {
    id: 'notes',
    criteria: [0, 1, 2, 3, 4],
    interfaces: ['createNotes({ now }) → { find, list, add, change, remove }: knows nothing of HTTP'],
    explanation: 'Five endpoints, each behind a token, over a store with five methods.',
  },
];
