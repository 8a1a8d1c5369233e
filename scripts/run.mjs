/**
 * The one way in for every npm script: sets up what is missing, then runs the program under the checkout's own Node 24.
 * Plain JavaScript for Node 20 and newer that needs no package. Nothing but the program writes to standard output.
 *
 * npm run demo | start | fleetdeck | test | build | bench | conformance | format | package
 */
import { runProgram } from './lib/child.mjs';
import { inRoot, Stop, say } from './lib/paths.mjs';
import { prepare, prepareInstall } from './lib/prepare.mjs';

const cli = inRoot('dist', 'main', 'cli.js');
const tool = (/** @type {string[]} */ ...parts) => inRoot('node_modules', ...parts);

/** @type {Record<string, (args: string[]) => Promise<number>>} */
const commands = {
  start: (args) => program(['start', ...args]),
  demo: (args) => program(['demo', ...args]),
  cli: (args) => program(args),
  async build() {
    await prepare();
    return 0;
  },
  async test(args) {
    const { runTests } = await import('./lib/test.mjs');
    return runTests(args);
  },
  async bench(args) {
    await prepare();
    return runProgram([inRoot('test', 'bench', 'main.ts'), ...args]);
  },
  async conformance(args) {
    await prepareInstall();
    return runProgram([inRoot('test', 'conformance', 'federation', 'main.ts'), ...args]);
  },
  async format(args) {
    await prepareInstall();
    return runProgram([
      tool('@biomejs', 'biome', 'bin', 'biome'),
      'check',
      '--write',
      ...(args.length > 0 ? args : ['.']),
    ]);
  },
  async package(args) {
    const { makePackages } = await import('./lib/package.mjs');
    return makePackages(args);
  },
};

/** @param {string[]} args */
async function program(args) {
  await prepare();
  return runProgram([cli, ...args]);
}

const [name = '', ...args] = process.argv.slice(2);
const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
try {
  if (command === undefined) {
    throw new Stop(`usage: node scripts/run.mjs ${Object.keys(commands).join(' | ')}`, 2);
  }
  process.exitCode = await command(args);
} catch (error) {
  if (!(error instanceof Stop)) throw error;
  say(error.message);
  process.exitCode = error.exitCode;
}
