/**
 * Preloaded into a measured program (NODE_OPTIONS): tells how late its event loop is. Once a second it writes what it has
 * seen since its start to `<FLEETDECK_BENCH_PROBE>/<pid>.json`, in milliseconds, and begins anew when asked with SIGUSR2.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const dir = process.env.FLEETDECK_BENCH_PROBE;
if (dir !== undefined) {
  const resolution = 1;
  const delay = monitorEventLoopDelay({ resolution });
  delay.enable();
  process.on('SIGUSR2', () => delay.reset());
  const file = `${dir}/${process.pid}.json`;
  setInterval(() => {
    // The histogram holds intervals between ticks of the timer: what exceeds its own is delay.
    const late = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - resolution);
    const seen = { p50: late(delay.percentile(50)), p99: late(delay.percentile(99)), max: late(delay.max) };
    writeFileSync(`${file}.new`, JSON.stringify(seen));
    renameSync(`${file}.new`, file);
  }, 1000).unref();
}
