// `five-agents`: login is sent back by its review. Tests that fail end a milestone here, so that notes is right at once.
import { tell } from '../tell';

export const scenario = tell({ caughtBy: ['review'] });
