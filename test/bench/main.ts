/**
 * `npm run bench -- NAME [--json]`: measures the built program and prints the figures, as a table or as one JSON
 * document `{bench, metrics: [{name, value, unit, peer?, ratio?}]}`. docs/benchmarks.md says what each figure means.
 */
import { parseArgs } from 'node:util';
import { type Bench, table } from './frame.ts';

/** Loaded when asked for: each brings what it measures with. */
const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  start: async () => (await import('./start.ts')).start,
  apiserver: async () => (await import('./apiserver.ts')).apiserver,
  federation: async () => (await import('./federation.ts')).federation,
  demo: async () => (await import('./demo.ts')).demo,
  views: async () => (await import('./views.ts')).views,
  inspection: async () => (await import('./inspection.ts')).inspection,
};

const USAGE = 'usage: npm run -s bench -- NAME|all [--json] [--kubeconfig FILE]';

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' }, kubeconfig: { type: 'string' } },
  });
  const [name] = positionals;
  if (values.help || name === undefined) {
    process.stdout.write(`${USAGE}\n${await list()}\n`);
    return 0;
  }
  const unknown = positionals.length > 1 ? positionals.join(' ') : name !== 'all' && !Object.hasOwn(benches, name);
  if (unknown) {
    process.stderr.write(`There is no bench "${positionals.join(' ')}".\n${USAGE}\n${await list()}\n`);
    return 2;
  }
  for (const each of name === 'all' ? Object.keys(benches) : [name]) {
    const bench = await benches[each]!();
    process.stderr.write(`${each}: ${bench.summary}\n`);
    const report = { bench: each, metrics: await bench.run({ kubeconfig: values.kubeconfig }) };
    process.stdout.write(`${values.json ? JSON.stringify(report) : table(report)}\n`);
  }
  return 0;
}

async function list(): Promise<string> {
  const lines = Object.entries(benches).map(async ([name, load]) => `  ${name.padEnd(12)}${(await load()).summary}`);
  return (await Promise.all(lines)).join('\n');
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const usage = (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') === true;
  process.stderr.write(usage ? `${(error as Error).message}\n${USAGE}\n` : `${(error as Error).stack}\n`);
  process.exitCode = usage ? 2 : 1;
}
