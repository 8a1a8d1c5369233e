/**
 * Runs any file of recorded cases: `npm run -s conformance -- scheduler|override|interpret --input FILE [--answer]`.
 * Prints what differs and one closing line, exit 1 if anything does; with --answer our answers, one JSON object a line,
 * without reading the expected ones.
 */
import { parseArgs } from 'node:util';
import { readCases } from '../recorded.ts';
import { type Answer, type Case, topics } from './answers.ts';
import { canonical } from './cases.ts';

const USAGE = `usage: npm run -s conformance -- ${Object.keys(topics).join('|')} --input FILE [--answer]`;

function main(args: string[]): number {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { input: { type: 'string' }, answer: { type: 'boolean' } },
  });
  const topic = topics[positionals[0] ?? ''];
  if (topic === undefined || positionals.length !== 1 || values.input === undefined) {
    console.error(USAGE);
    return 2;
  }
  const cases = readCases<Case>(values.input);
  if (values.answer) {
    for (const question of cases) console.log(JSON.stringify({ id: question.id, ...topic.answer(question) }));
    return 0;
  }
  let matching = 0;
  for (const recorded of cases) {
    const [expected, actual] = [topic.expected(recorded), topic.answer(recorded)];
    if (canonical(expected) === canonical(actual)) matching += 1;
    else report(recorded.id, expected, actual);
  }
  console.log(`${cases.length} cases, ${matching} match`);
  return matching === cases.length ? 0 : 1;
}

function report(id: string, expected: Answer, actual: Answer): void {
  console.log(`${id}\n  expected ${canonical(expected)}\n  got      ${canonical(actual)}`);
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  console.error(`${(error as Error).message}\n${USAGE}`);
  process.exitCode = 2;
}
