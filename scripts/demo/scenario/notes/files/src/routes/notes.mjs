// The user's notes: every handler begins by asking who the user is.
import { authenticate } from '../authentication.mjs';
import { readJson } from '../body.mjs';
import { HttpError } from '../errors.mjs';
import { createNotes, presentNote } from '../notes.mjs';
import { text, validate } from '../validation.mjs';

const rules = { title: text({ min: 1, max: 200 }), text: text({ max: 10_000 }) };

export default (context) => {
  const notes = createNotes(context);
  const ownerOf = (request) => authenticate(request, context).id;

  return {
    'GET /notes': ({ request }) => {
      return { status: 200, body: { notes: notes.list(ownerOf(request)).map(presentNote) } };
    },

    'POST /notes': async ({ request }) => {
      const owner = ownerOf(request);
      const note = notes.add(owner, validate(await readJson(request), rules));
      if (note === undefined) throw new HttpError(409, 'too_many_notes', 'delete a note before you add another');
      return { status: 201, headers: { location: `/notes/${note.id}` }, body: presentNote(note) };
    },

    'GET /notes/:id': ({ request, params }) => {
      return { status: 200, body: presentNote(found(notes.find(ownerOf(request), params.id))) };
    },

    'PUT /notes/:id': async ({ request, params }) => {
      const owner = ownerOf(request);
      const fields = validate(await readJson(request), rules);
      return { status: 200, body: presentNote(found(notes.change(owner, params.id, fields))) };
    },

    'DELETE /notes/:id': ({ request, params }) => {
      found(notes.remove(ownerOf(request), params.id));
      return { status: 204 };
    },
  };
};

function found(result) {
  if (!result) throw new HttpError(404, 'note_not_found', 'you have no such note');
  return result;
}
