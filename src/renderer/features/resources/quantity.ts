/** Quantities as a person compares them: kubelets write memory in Ki and CPU in thousandths, however much it is. Pure. */

const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi'] as const;

/** `7524584Ki` as `7.18Gi`, `3920m` as `3.92`; everything else as it is written. */
export function shortQuantity(text: string): string {
  const match = /^(\d+)(n|u|m|Ki|Mi|Gi)$/.exec(text);
  if (match === null) return text;
  let value = Number(match[1]);
  if (match[2] === 'n' || match[2] === 'u') {
    value /= match[2] === 'n' ? 1e6 : 1e3;
    return value < 1000 ? `${short(value)}m` : short(value / 1000);
  }
  if (match[2] === 'm') return value < 1000 ? text : short(value / 1000);
  let unit = BINARY.indexOf(match[2] as (typeof BINARY)[number]);
  if (value < 10_240) return text;
  while (value >= 1024 && unit < BINARY.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${short(value)}${BINARY[unit]}`;
}

/** Three digits that count. */
function short(value: number): string {
  return String(Number(value.toPrecision(value < 1000 ? 3 : 4)));
}
