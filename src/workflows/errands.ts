// What has been sent to other runs, or started, and is not known to have arrived: a history does not end before it is.
let underway = 0;

export function sent<T>(errand: Promise<T>): Promise<T> {
  underway += 1;
  const arrived = () => void (underway -= 1);
  errand.then(arrived, arrived);
  return errand;
}

export const allSent = (): boolean => underway === 0;
