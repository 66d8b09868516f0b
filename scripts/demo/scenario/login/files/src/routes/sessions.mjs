// Login: a password for a token.
import { readJson } from '../body.mjs';
import { HttpError } from '../errors.mjs';
import { text, validate } from '../validation.mjs';

const rules = { email: text({ min: 1, max: 254 }), password: text({ min: 1, max: 128 }) };

export default ({ users, passwords, tokens }) => {
  // Compared with when the address is unknown: then a refusal takes as long as for a wrong password, and the time tells
  // nobody who has an account.
  const decoy = passwords.hash('the password of nobody');

  return {
    'POST /sessions': async ({ request }) => {
      const { email, password } = validate(await readJson(request), rules);
      const user = users.findByEmail(email.toLowerCase());
      const right = await passwords.verify(password, user?.passwordHash ?? (await decoy));
      if (user === undefined || !right) {
        throw new HttpError(401, 'wrong_credentials', 'the email address or the password is wrong');
      }
      const { token, expiresAt } = tokens.issue(user.id);
      return { status: 201, body: { token, tokenType: 'Bearer', expiresAt: new Date(expiresAt).toISOString() } };
    },
  };
};
