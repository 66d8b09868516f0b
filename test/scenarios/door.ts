export type Door = { opened: Promise<void>; open(): void };

/** Where an answer stands until it is let in. */
export function door(): Door {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}
