/** The table in a browser while its rows change all the time: does the page still draw, and what does that cost? */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { chromium } from 'playwright';
import { percentile, progress } from '../frame.ts';
import { startProgram, temporaryDir } from '../program.ts';
import type { Answer } from './protocol.ts';

/** The scripts of the checkout are plain JavaScript without declarations. */
const TOOLS = new URL('../../../scripts/lib/test-tools.mjs', import.meta.url).href;
const CLI = path.resolve(import.meta.dirname, '../../../dist/main/cli.js');
const WARM_UP_MS = 5_000;
const MEASURED_MS = 15_000;

/** Null where there is no Chromium. `kubeconfig` is of an API server whose pods change by themselves. */
export async function measureFrames(kubeconfig: string): Promise<Answer | null> {
  const { findChromium } = (await import(TOOLS)) as { findChromium(): Promise<string | null> };
  const executablePath = await findChromium();
  if (executablePath === null) {
    progress('no Chromium here: frames are not measured');
    return null;
  }
  const data = temporaryDir();
  await promisify(execFile)(process.execPath, [
    CLI,
    'clusters',
    'register',
    kubeconfig,
    '--name',
    'busy',
    '--data',
    data,
  ]);
  const program = await startProgram<{ url: string }>(['serve', '--data', data]);
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
    await page.goto(`${program.ready.url}#/resources/-/v1/pods`);
    await page.getByTestId('choose-all-running').click();
    await page.getByTestId('resource-grid-row').first().waitFor();
    await page.waitForTimeout(WARM_UP_MS);
    const busy = async () => {
      const { metrics } = await devtools.send('Performance.getMetrics');
      return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
    };
    const before = await busy();
    const intervals = await page.evaluate(
      (forMs) =>
        new Promise<number[]>((resolve) => {
          const began = performance.now();
          const found: number[] = [];
          let last = began;
          const frame = (now: number) => {
            found.push(now - last);
            last = now;
            if (now - began < forMs) requestAnimationFrame(frame);
            else resolve(found.slice(1));
          };
          requestAnimationFrame(frame);
        }),
      MEASURED_MS,
    );
    return {
      'per-second': intervals.length / (MEASURED_MS / 1000),
      p50: percentile(intervals, 50),
      p99: percentile(intervals, 99),
      'cpu-share': ((await busy()) - before) / (MEASURED_MS / 1000),
    };
  } finally {
    await browser.close();
    await program.stop();
  }
}
