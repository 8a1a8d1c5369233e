/** Names that simulated containers have for users and groups. Pure. */

export const USERS: Readonly<Record<number, string>> = { 0: 'root', 101: 'nginx', 65534: 'nobody' };

/** `root` of 0; `otherwise`, or the number, where it has no name. */
export function ownerText(id: number, otherwise = String(id)): string {
  return USERS[id] ?? otherwise;
}

/** The number of a name or of a number; undefined where nobody has that name. */
export function ownerNamed(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  const found = Object.entries(USERS).find(([, name]) => name === text);
  return found === undefined ? undefined : Number(found[0]);
}
