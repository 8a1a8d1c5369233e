/**
 * `npm test`: prepares the checkout, runs every stage, and closes with one line that counts all of it. A stage that runs
 * nothing is a failure. `--only types,lint` runs some stages; what follows `--` goes to the test runner of the stage.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { runProgram } from './child.mjs';
import { inRoot, Stop, say } from './paths.mjs';
import { prepare } from './prepare.mjs';
import { findChromium, findKubectl, which } from './test-tools.mjs';

/** @typedef {{passed: number, failed: number, skipped: number}} Count */

const results = inRoot('test-results');
const bin = (/** @type {string[]} */ ...parts) => inRoot('node_modules', ...parts);

/** @type {Record<string, (extra: string[]) => Promise<Count>>} */
const stages = {
  types: () =>
    checks(
      ['src/shared', 'src/main', 'src/renderer', 'test'].map((project) => ({
        name: `types of ${project}`,
        args: [
          ...[bin('typescript', 'bin', 'tsc'), '-p', inRoot(project)],
          // What did not change since the last check is not checked again.
          ...[
            '--incremental',
            '--tsBuildInfoFile',
            inRoot('dist', 'types', `${project.replaceAll('/', '-')}.tsbuildinfo`),
          ],
        ],
      })),
    ),
  lint: () =>
    checks([
      { name: 'format and lint', args: [bin('@biomejs', 'biome', 'bin', 'biome'), 'ci', '--colors=off', '.'] },
      { name: 'import rules', args: [inRoot('scripts', 'check-imports.mjs')] },
    ]),
  unit: (extra) => vitest('unit', extra),
  conformance: (extra) => vitest('conformance', extra),
  integration: async (extra) => {
    const kubectl = await findKubectl();
    say(
      kubectl === null
        ? 'kubectl is missing: tests that need it are skipped. Install kubernetes-client.'
        : `kubectl: ${kubectl}`,
    );
    return vitest('integration', extra);
  },
  e2e: async (extra) => {
    const chromium = await findChromium();
    if (chromium === null) {
      say('No Chromium found. Install the package "chromium" (Debian), or set FLEETDECK_CHROMIUM to an executable.');
      return { passed: 0, failed: 1, skipped: 0 };
    }
    return playwright(chromium, extra);
  },
};

/** @param {string[]} args @returns {Promise<number>} exit code */
export async function runTests(args) {
  const cut = args.indexOf('--');
  const own = cut < 0 ? args : args.slice(0, cut);
  const extra = cut < 0 ? [] : args.slice(cut + 1);
  const chosen = chooseStages(own);
  await prepare();
  rmSync(results, { recursive: true, force: true });
  mkdirSync(results, { recursive: true });
  /** @type {Count} */
  const total = { passed: 0, failed: 0, skipped: 0 };
  const lines = [];
  for (const name of chosen) {
    const started = Date.now();
    say(`\n== ${name}`);
    const count = await stages[name](extra);
    if (count.passed + count.failed === 0) {
      say(`${name}: nothing ran, which counts as a failure`);
      count.failed += 1;
    }
    total.passed += count.passed;
    total.failed += count.failed;
    total.skipped += count.skipped;
    lines.push(
      `${name}: ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped, ${Math.round((Date.now() - started) / 1000)} s`,
    );
  }
  lines.push(`hosts tested: ${chosen.includes('e2e') ? hostsTested() : 'none (e2e not chosen)'}`);
  if (chosen.includes('integration'))
    lines.push(`kubectl: ${which('kubectl') ?? 'missing, what needs it was skipped'}`);
  console.log(`\n${lines.join('\n')}`);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  return total.failed > 0 ? 1 : 0;
}

/** @param {string[]} args */
function chooseStages(args) {
  const all = Object.keys(stages);
  if (args.length === 0) return all;
  const list = args[0] === '--only' ? args[1] : args[0]?.startsWith('--only=') ? args[0].slice(7) : undefined;
  const chosen = list?.split(',') ?? [];
  if (chosen.length === 0 || chosen.some((name) => !all.includes(name))) {
    throw new Stop(`usage: npm test -- [--only ${all.join(',')}] [-- arguments of the test runner]`, 2);
  }
  return chosen;
}

/** @param {{name: string, args: string[]}[]} list @returns {Promise<Count>} */
async function checks(list) {
  const count = { passed: 0, failed: 0, skipped: 0 };
  const waiting = [...list];
  // Each takes one core; what one of them says stays together, for few say anything.
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const code = await runProgram(next.args, { cwd: inRoot() });
      say(`${code === 0 ? 'ok  ' : 'FAIL'} ${next.name}`);
      if (code === 0) count.passed += 1;
      else count.failed += 1;
    }
  };
  await Promise.all([worker(), worker()]);
  return count;
}

/** @param {string} project @param {string[]} extra @returns {Promise<Count>} */
async function vitest(project, extra) {
  const file = `${results}/${project}.json`;
  const code = await runProgram(
    [
      bin('vitest', 'vitest.mjs'),
      'run',
      '--project',
      project,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
      ...extra,
    ],
    { cwd: inRoot() },
  );
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0 };
  const report = JSON.parse(readFileSync(file, 'utf8'));
  const brokenFiles = report.testResults.filter(
    (/** @type {{status: string, assertionResults: {status: string}[]}} */ suite) =>
      suite.status === 'failed' && suite.assertionResults.every((test) => test.status !== 'failed'),
  ).length;
  const failed = report.numFailedTests + brokenFiles;
  return {
    passed: report.numPassedTests,
    // An error outside of every test still makes the runner fail: it must not be lost.
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

const noDesktop = {
  noElectron: "Electron's program files are not there (ELECTRON_OVERRIDE_DIST_PATH names a folder with them)",
  noDisplay: 'there is no display and no Xvfb to make one',
  root: "Electron's sandbox does not run as root",
};

/** In which hosts the interface was tested, and why not in the other; from the report of the run. */
function hostsTested() {
  const file = `${results}/e2e.json`;
  if (!existsSync(file)) return 'none';
  /** @type {{desktop?: keyof noDesktop | 'tested', chromium?: string}} */
  const { desktop, chromium } = JSON.parse(readFileSync(file, 'utf8')).config.metadata;
  const browser = `loopback in ${chromium}`;
  if (desktop === 'tested') return `${browser}, the desktop window in Electron`;
  return `${browser}; not the desktop window: ${desktop === undefined ? 'unknown' : noDesktop[desktop]}`;
}

/** @param {string} chromium @param {string[]} extra @returns {Promise<Count>} */
async function playwright(chromium, extra) {
  if (!readdirSync(inRoot('test', 'e2e')).some((name) => name.endsWith('.spec.ts')))
    return { passed: 0, failed: 0, skipped: 0 };
  const file = `${results}/e2e.json`;
  const code = await runProgram(
    [bin('@playwright', 'test', 'cli.js'), 'test', '--config', inRoot('test', 'e2e', 'playwright.config.ts'), ...extra],
    {
      cwd: inRoot(),
      env: { ...process.env, FLEETDECK_CHROMIUM: chromium, PLAYWRIGHT_JSON_OUTPUT_FILE: file },
    },
  );
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0 };
  const { stats } = JSON.parse(readFileSync(file, 'utf8'));
  const failed = stats.unexpected + stats.flaky;
  return { passed: stats.expected, failed: failed === 0 && code !== 0 ? 1 : failed, skipped: stats.skipped };
}
