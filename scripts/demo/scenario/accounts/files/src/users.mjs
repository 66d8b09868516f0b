// The accounts, in memory. Another store needs the same three methods.
import { randomUUID } from 'node:crypto';

export function createUsers() {
  const byId = new Map();
  const byEmail = new Map();

  return {
    /** The new user, or undefined when the address is taken. Nothing can come between the look and the write. */
    add({ email, passwordHash, createdAt }) {
      if (byEmail.has(email)) return undefined;
      const user = { id: randomUUID(), email, passwordHash, createdAt };
      byId.set(user.id, user);
      byEmail.set(email, user);
      return user;
    },
    findById: (id) => byId.get(id),
    findByEmail: (email) => byEmail.get(email),
  };
}

/** What others may see of a user: never the hash. */
export const presentUser = ({ id, email, createdAt }) => ({ id, email, createdAt });
