// Started again and again by a schedule: what a terminated project has left behind is told to end, and what it left is taken away.
import { janitor } from './activities';

export const tidyUp = async (): Promise<string[]> => [
  ...(await janitor.endLeftMilestones()),
  ...(await janitor.dropLeftTurns()),
];
