/** Numbers that may be percentages. */

/** `25%` or a number, of a total. Source: intstr.GetScaledValueFromIntOrPercent. */
export function intOrPercent(value: unknown, total: number, roundUp: boolean): number {
  if (typeof value === 'number') return value;
  const text = String(value ?? '');
  const match = /^(\d+)%$/.exec(text);
  if (match === null) return Number.parseInt(text, 10) || 0;
  const scaled = (Number(match[1]) * total) / 100;
  return roundUp ? Math.ceil(scaled) : Math.floor(scaled);
}
