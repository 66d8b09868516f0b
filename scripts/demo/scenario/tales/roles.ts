// `roles`: the review sends login back. It lets notes through; the tests do not, and who judges them asks for a fix.
import { tell } from '../tell';

export const scenario = tell({ caughtBy: ['review', 'tests'] });
