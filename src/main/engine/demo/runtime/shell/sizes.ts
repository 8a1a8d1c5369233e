/** Sizes as programs of a shell take and show them. Pure. */

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40, b: 512, c: 1 };

/** `512`, `4k`, `1M`, `2b` in bytes; NaN for what is none. */
export function sizeOf(text: string): number {
  const [, number, unit = ''] = /^(\d+)([kmgtbc]?)(?:i?b)?$/i.exec(text) ?? [];
  return number === undefined ? Number.NaN : Number(number) * (UNITS[unit.toLowerCase()] ?? 1);
}

/** `4.0K`, `31G`: powers of 1024 with three digits at most. */
export function humanSize(bytes: number): string {
  const units = ['', 'K', 'M', 'G', 'T'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value >= 10 || unit === 0 ? Math.round(value) : value.toFixed(1)}${units[unit]}`;
}
