// Time and money as people read them.

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The two largest units: 12s, 3m 20s, 2h 05m, 3d 4h. */
export function duration(ms: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const [days, hours, minutes] = [ms / DAY, (ms % DAY) / HOUR, (ms % HOUR) / MINUTE].map(Math.floor) as [
    number,
    number,
    number,
  ];
  const seconds = Math.max(0, Math.floor((ms % MINUTE) / SECOND));
  if (ms >= DAY) return `${days}d ${hours}h`;
  if (ms >= HOUR) return `${hours}h ${two(minutes)}m`;
  return ms >= MINUTE ? `${minutes}m ${two(seconds)}s` : `${seconds}s`;
}

export const between = (from: string, to: string | Date): number => new Date(to).getTime() - new Date(from).getTime();

export { cost } from '../../src/domain/account';

/** The time of day, and the day where it was not today. */
export function moment(at: string | Date, now: Date): string {
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, '0');
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (date.toDateString() === now.toDateString()) return time;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`;
}
