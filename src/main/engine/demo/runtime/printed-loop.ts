/** The variables of a shell loop that only counts: what each has in the n-th round. Pure, read off the script's text. */

/** Value of every variable that changes from round to round; null once the loop is over. */
export type Rounds = (round: number) => ReadonlyMap<string, string> | null;

const NAME = '[A-Za-z_]\\w*';
/** `i=$((i+1))`, `((i++))`, `let i++`, `let i=i+2`, `i=$(expr $i + 1)` */
const COUNTING = new RegExp(
  `\\b(${NAME})=\\$\\(\\(\\s*\\$?\\1\\s*\\+\\s*(\\d+)\\s*\\)\\)|\\(\\(\\s*(${NAME})\\+\\+\\s*\\)\\)|\\blet\\s+(?:(${NAME})\\+\\+|(${NAME})=\\5\\+(\\d+))|\\b(${NAME})=(?:\\$\\(|\`)expr\\s+\\$\\7\\s*\\+\\s*(\\d+)`,
  'g',
);
const LISTED = new RegExp(`\\bfor\\s+(${NAME})\\s+in\\s+([^;\\n]*)`);

export function roundsOf(script: string): Rounds {
  const prints = script.search(/\b(echo|printf)\b/);
  const counters = [...script.matchAll(COUNTING)].map((match) => {
    const name = match[1] ?? match[3] ?? match[4] ?? match[5] ?? match[7] ?? '';
    const by = Number(match[2] ?? match[6] ?? match[8] ?? 1);
    const from = Number(new RegExp(`\\b${name}=(\\d+)`).exec(script)?.[1] ?? 0);
    return { name, by, from: match.index < prints ? from + by : from };
  });
  const [, variable = '', words = ''] = LISTED.exec(script) ?? [];
  const values = variable === '' ? null : wordsOf(words);
  return (round) => {
    if (values !== null && round >= values.length) return null;
    const found = new Map(counters.map(({ name, by, from }) => [name, String(from + round * by)]));
    return values === null ? found : found.set(variable, values[round] ?? '');
  };
}

/** `1 2 3`, `{1..5}`, `$(seq 1 5)`. */
function wordsOf(words: string): string[] {
  const brace = /^\s*\{(\d+)\.\.(\d+)\}\s*$/.exec(words);
  const seq = /^\s*(?:\$\(|`)seq\s+(?:(\d+)\s+)?(\d+)\s*[)`]\s*$/.exec(words);
  const range = brace ?? seq;
  if (range === null) return words.trim().split(/\s+/);
  const from = Number(range[1] ?? 1);
  return Array.from({ length: Math.max(0, Math.min(100_000, Number(range[2]) - from + 1)) }, (_, i) =>
    String(from + i),
  );
}
