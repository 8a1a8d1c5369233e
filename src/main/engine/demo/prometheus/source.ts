/** All series of one simulated cluster behind one selection, and the timer that scrapes them. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Controller, World } from '../sim/world.ts';
import { containerSeries, volumeSeries } from './container-series.ts';
import { SCRAPE_MS, StateHistory } from './history.ts';
import { METRICS } from './metrics.ts';
import { NodeHistory } from './node-series.ts';
import { serverSeries } from './server-series.ts';
import { type Matcher, NAME, type Series, type SeriesSource } from './types.ts';

export class ClusterSeries implements SeriesSource, Controller {
  readonly name = 'prometheus';
  readonly intervalMs = SCRAPE_MS;
  readonly #world: World;
  readonly #states: StateHistory;
  readonly #nodes: NodeHistory;
  readonly #startedAt: number;
  readonly #timer: NodeJS.Timeout;
  #scraping = false;

  constructor(world: World) {
    this.#world = world;
    this.#states = new StateHistory(world.caches);
    this.#nodes = new NodeHistory(world);
    this.#startedAt = world.now();
    this.#timer = setInterval(() => void this.#scrape(), SCRAPE_MS);
    this.#timer.unref();
  }

  select(matchers: readonly Matcher[], from: number, to: number): Series[] {
    const now = this.#world.now();
    const names = matchers.filter((one) => one.label === NAME);
    const wanted = (metric: string) => names.every((one) => one.matches(metric));
    const others = matchers.filter((one) => one.label !== NAME);
    return [
      ...this.#states.series(wanted, from, to, now),
      ...containerSeries(this.#world, wanted),
      ...volumeSeries(this.#world, wanted),
      ...this.#nodes.series(wanted, now),
      ...serverSeries(this.#world, this.#startedAt, wanted),
    ].filter((series) => others.every((one) => one.matches(series.labels[one.label] ?? '')));
  }

  metrics() {
    return METRICS;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
  }

  async #scrape(): Promise<void> {
    if (this.#scraping) return;
    this.#scraping = true;
    try {
      const now = this.#world.now();
      this.#states.scrape(now);
      for (const _ of this.#nodes.scrape(now)) await nextTurn();
    } catch (error) {
      this.#world.report(error, 'prometheus scrape');
    } finally {
      this.#scraping = false;
    }
  }
}
