// `staged`: login is sent back by its review, notes by its tests.
import { tell } from '../tell';

export const scenario = tell({ caughtBy: ['review', 'tests'] });
