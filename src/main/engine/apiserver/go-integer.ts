/** Text that should be a whole number, as Go reads it. Source: package strconv, ParseInt with 64 bits. */

/** Null: it is one. */
export function integerProblem(text: string): string | null {
  const problem = !/^[-+]?\d+$/.test(text)
    ? 'invalid syntax'
    : BigInt.asIntN(64, BigInt(text)) !== BigInt(text)
      ? 'value out of range'
      : null;
  return problem === null ? null : `strconv.ParseInt: parsing ${JSON.stringify(text)}: ${problem}`;
}
