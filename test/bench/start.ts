/** From nothing to an engine that answers and an interface that can be used; memory when nobody does anything. */
import { type Browser, chromium, type Page } from 'playwright';
import { type Bench, type Metric, metric, percentile, progress, spread } from './frame.ts';
import {
  type Program,
  processorMs,
  residentMb,
  residentMbOfAll,
  sleep,
  startProgram,
  startScript,
  temporaryDir,
} from './program.ts';

/** The scripts of the checkout are plain JavaScript without declarations. */
const TOOLS = new URL('../../scripts/lib/test-tools.mjs', import.meta.url).href;
const STARTS = 5;
const PAGES = 5;
const REST_MS = 15_000;
/** A window that was just opened loads pages of the browser's own: its bars and menus. A person's is open. */
const WINDOW_MS = 2_500;

interface Ready {
  url: string;
}

export const start: Bench = {
  summary: 'engine ready from cold, second start by npm, interface usable, memory at rest',
  async run() {
    return [...(await engine()), ...(await secondStart()), ...(await usable())];
  },
};

async function engine(): Promise<Metric[]> {
  progress(`${STARTS} starts of the engine on an empty store`);
  const times: number[] = [];
  const sizes: number[] = [];
  const work: number[] = [];
  for (let i = 0; i < STARTS; i++) {
    const program = await serve();
    times.push(program.readyMs);
    sizes.push(residentMb(program.pid));
    work.push(processorMs(program.pid));
    await program.stop();
  }
  return [
    ...spread('engine-ready', times, 'ms'),
    metric('engine-ready-cpu', percentile(work, 50), 'ms'),
    metric('engine-ready-rss', percentile(sizes, 50), 'MB'),
  ];
}

/** What a person waits for every day: nothing to install, nothing to build. */
async function secondStart(): Promise<Metric[]> {
  progress('npm start, the second time');
  const args = ['--headless', '--data', temporaryDir()];
  await (await startScript<Ready>('start', args)).stop();
  const second = await startScript<Ready>('start', args);
  await second.stop();
  return [metric('npm-start-second', second.readyMs, 'ms')];
}

async function usable(): Promise<Metric[]> {
  const { findChromium } = (await import(TOOLS)) as { findChromium(): Promise<string | null> };
  const executablePath = await findChromium();
  if (executablePath === null) {
    progress('no Chromium here: the interface is not measured');
    return [];
  }
  const program = await serve();
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    progress(`${PAGES} page loads, each in a fresh profile`);
    const loads: PageLoad[] = [];
    for (let i = 0; i < PAGES; i++) loads.push(await loadPage(browser, program.ready.url));
    await browser.close();
    progress(`${REST_MS / 1000} s of rest`);
    await sleep(REST_MS);
    return [
      ...spread(
        'first-contentful-paint',
        loads.map(({ paint }) => paint),
        'ms',
      ),
      ...spread(
        'clusters-page-usable',
        loads.map(({ usable }) => usable),
        'ms',
      ),
      metric(
        'clusters-page-usable-cpu',
        percentile(
          loads.map(({ work }) => work),
          50,
        ),
        'ms',
      ),
      metric('engine-rest-rss', residentMbOfAll(program.pid), 'MB'),
    ];
  } finally {
    await browser.close();
    await program.stop();
  }
}

interface PageLoad {
  /** Both from the start of the navigation, milliseconds. */
  paint: number;
  usable: number;
  /** Processor time of the page's main thread until then, milliseconds. */
  work: number;
}

/** Usable: the clusters page has its data, here none, and offers to register. */
async function loadPage(browser: Browser, url: string): Promise<PageLoad> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  try {
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
    await sleep(WINDOW_MS);
    await page.goto(`${url}#/clusters`, { waitUntil: 'commit' });
    const button = '[data-testid=clusters-page] [data-testid=empty-state] button:not([disabled])';
    const usable = await page.waitForFunction(
      (selector) => document.querySelector(selector) !== null && performance.now(),
      button,
      { polling: 'raf' },
    );
    const { metrics } = await devtools.send('Performance.getMetrics');
    const work = (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN) * 1000;
    return { usable: Number(await usable.jsonValue()), paint: await firstPaint(page), work };
  } finally {
    await context.close();
  }
}

function firstPaint(page: Page): Promise<number> {
  return page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN);
}

function serve(): Promise<Program<Ready>> {
  return startProgram<Ready>(['serve', '--data', temporaryDir()]);
}
