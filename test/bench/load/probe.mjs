/**
 * Preloaded into a measured program (NODE_OPTIONS): tells how late its event loop is and what of its memory is in use.
 * Once a second it writes what it has seen to `<FLEETDECK_BENCH_PROBE>/<pid>.json`, in milliseconds and MB. Asked with
 * SIGUSR2 it collects garbage, notes what is left and begins anew.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const dir = process.env.FLEETDECK_BENCH_PROBE;
if (dir !== undefined) {
  const resolution = 1;
  const delay = monitorEventLoopDelay({ resolution });
  delay.enable();
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  let collections = 0;
  let live = 0;
  const file = `${dir}/${process.pid}.json`;
  const write = () => {
    // The histogram holds intervals between ticks of the timer: what exceeds its own is delay.
    const late = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - resolution);
    const [p50, p99, max] = [delay.percentile(50), delay.percentile(99), delay.max].map(late);
    writeFileSync(`${file}.new`, JSON.stringify({ p50, p99, max, collections, live }));
    renameSync(`${file}.new`, file);
  };
  process.on('SIGUSR2', () => {
    collect();
    live = process.memoryUsage().heapUsed / 2 ** 20;
    collections += 1;
    delay.reset();
    write();
  });
  setInterval(write, 1000).unref();
}
