// Registration.
import { readJson } from '../body.mjs';
import { HttpError } from '../errors.mjs';
import { presentUser } from '../users.mjs';
import { email, text, validate } from '../validation.mjs';

const rules = { email, password: text({ min: 12, max: 128 }) };

export default ({ users, passwords, now }) => ({
  'POST /users': async ({ request }) => {
    const { email, password } = validate(await readJson(request), rules);
    const user = users.add({
      email: email.toLowerCase(),
      passwordHash: await passwords.hash(password),
      createdAt: new Date(now()).toISOString(),
    });
    if (user === undefined) throw new HttpError(409, 'email_taken', 'there is an account with this email address');
    return { status: 201, body: presentUser(user) };
  },
});
