import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../until';

const LINGERING_MS = 500;

/** Where those who answer side by side wait for one another: none leaves before so many have been there at the same time. */
export class Meeting {
  /** The most that have been there at the same time. */
  most = 0;
  private present = 0;

  constructor(private readonly expected: number) {}

  async attend(): Promise<void> {
    this.most = Math.max(this.most, ++this.present);
    await until(() => this.most >= this.expected).catch(() => undefined);
    // One too many would be seen, too.
    await pause(LINGERING_MS);
    this.present -= 1;
  }
}
