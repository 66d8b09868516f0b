// The notes, in memory. Everything is asked with the owner's id, and nobody else's note is ever found.
import { randomUUID } from 'node:crypto';

const NOTES_PER_USER = 100;

export function createNotes({ now }) {
  const notes = new Map();
  const time = () => new Date(now()).toISOString();

  const of = (ownerId) => [...notes.values()].filter((note) => note.ownerId === ownerId);

  const find = (ownerId, id) => {
    const note = notes.get(id);
    return note?.ownerId === ownerId ? note : undefined;
  };

  return {
    find,

    /** The newest first. */
    list: (ownerId) => of(ownerId).reverse(),

    /** The new note, or undefined when the user has as many as they may. */
    add(ownerId, { title, text }) {
      if (of(ownerId).length >= NOTES_PER_USER) return undefined;
      const note = { id: randomUUID(), ownerId, title, text, createdAt: time(), updatedAt: time() };
      notes.set(note.id, note);
      return note;
    },

    /** The note as it is now, or undefined when the user has no such note. */
    change(ownerId, id, { title, text }) {
      const note = find(ownerId, id);
      if (note === undefined) return undefined;
      const changed = { ...note, title, text, updatedAt: time() };
      notes.set(id, changed);
      return changed;
    },

    /** Whether there was such a note to remove. */
    remove: (ownerId, id) => find(ownerId, id) !== undefined && notes.delete(id),
  };
}

/** What is shown of a note: its owner knows who they are. */
export const presentNote = ({ id, title, text, createdAt, updatedAt }) => ({ id, title, text, createdAt, updatedAt });
