/**
 * `fleetdeck demo`: the application with simulated clusters. With `--headless --json` it prints one line on standard
 * output when everything is ready, and stays until it is asked to end.
 */

import path from 'node:path';
import { errorText } from '#shared/i18n/index.ts';
import { apiOf } from '../../host/api.ts';
import {
  type DemoOptions,
  type DemoPaths,
  FEDERATION_NAME,
  FLEET_NAME,
  type StartProgress,
  startDemo,
} from '../../host/demo.ts';
import { demoDirectory, markInUse } from '../../host/demo-data.ts';
import { closeInTime, untilAskedToEnd } from '../../host/lifetime.ts';
import { rendererDir } from '../../host/locations.ts';
import { createLog } from '../../host/log.ts';
import { openEngine } from '../../host/open-engine.ts';
import { startLoopback } from '../../loopback/index.ts';
import { type Call, type Command, UsageError } from '../command.ts';
import { runDesktop } from '../desktop-window.ts';
import { dataOption, portOf, portOption } from '../options.ts';
import { sayReady } from './serve.ts';

const DEFAULT_CLUSTERS = 3;

export const demo: Command = {
  usage:
    'demo [--clusters N] [--nodes N] [--pods N] [--churn N] [--seed N] [--data DIR] [--fresh] [--headless] [--port PORT]\n' +
    'demo fault list | start FAULT [--cluster NAME] [--target TARGET] [--for TIME] [--set NAME=VALUE] | stop [FAULT]',
  options: {
    clusters: { type: 'string', value: 'N', text: 'host.cli.option.clusters', params: { count: DEFAULT_CLUSTERS } },
    nodes: { type: 'string', value: 'N', text: 'host.cli.option.nodes' },
    pods: { type: 'string', value: 'N', text: 'demo.cli.option.pods' },
    churn: { type: 'string', value: 'N', text: 'demo.cli.option.churn' },
    seed: { type: 'string', value: 'N', text: 'host.cli.option.seed' },
    data: { ...dataOption, params: { path: path.join('$TMPDIR', 'fleetdeck-demo-*') } },
    fresh: { type: 'boolean', text: 'host.cli.option.fresh' },
    headless: { type: 'boolean', text: 'host.cli.option.headless' },
    port: portOption,
    cluster: { type: 'string', multiple: true, value: 'NAME', text: 'demo.cli.option.cluster' },
    target: { type: 'string', value: 'TARGET', text: 'demo.cli.option.target' },
    for: { type: 'string', value: 'TIME', text: 'demo.cli.option.for' },
    set: { type: 'string', multiple: true, value: 'NAME=VALUE', text: 'demo.cli.option.set' },
  },
  async run(call) {
    if (call.args[0] === 'fault') return await (await import('./demo-fault.ts')).demoFault(call);
    if (call.args.length > 0) throw new UsageError(`demo ${call.args[0]}: there is only "demo fault"`);
    const { options, out } = call;
    const count = options.number('clusters', { min: 1, max: 100 }) ?? DEFAULT_CLUSTERS;
    const rest = {
      nodes: options.number('nodes', { min: 1, max: 1000 }),
      pods: options.number('pods', { min: 0, max: 30_000 }),
      churn: options.number('churn', { min: 0, max: 1000 }),
      seed: options.number('seed', { min: 0, max: 2 ** 31 }),
    };
    const port = portOf(call);
    const { dir, temporary } = demoDirectory(options.text('data'), options.flag('fresh'));
    const demoOptions: DemoOptions = { dataDir: dir, clusters: count, ...rest };
    if (!options.flag('headless')) {
      const code = await runDesktop(out, {
        env: {
          FLEETDECK_DATA_DIR: dir,
          FLEETDECK_DEMO: JSON.stringify(demoOptions),
          FLEETDECK_ENGINE_NODE: process.execPath,
        },
        onDemoReady: once((kubeconfigs) => sayDemoReady(call, { url: null, dataDir: dir, kubeconfigs })),
      });
      if (code !== null) return ended(code);
    }
    return ended(await serveDemo(call, demoOptions, port));

    function ended(code: number): number {
      if (temporary) out.note(out.text('host.cli.demoKept', { path: dir }));
      return code;
    }
  },
};

/** `url` is null when a window shows the interface. */
function sayDemoReady(
  { out, json }: Call,
  ready: { url: string | null; dataDir: string; kubeconfigs: DemoPaths },
): void {
  if (json) {
    out.document({ ready: true, ...ready });
    return;
  }
  out.note(out.text('host.cli.demoReady'));
  for (const [name, file] of Object.entries({ ...ready.kubeconfigs.clusters, ...ready.kubeconfigs.federations })) {
    out.note(`  ${out.text('host.cli.kubeconfig', { name, path: file })}`);
  }
}

/** Large clusters say how far they are, every tenth of the way. */
function tellProgress(out: Call['out']): (progress: StartProgress) => void {
  const told = new Map<string, number>();
  return ({ cluster, stored, total, up }) => {
    if (up && told.has(cluster)) out.note(out.text('host.cli.demoUp', { cluster }));
    const tenth = total === 0 ? 0 : Math.floor((stored / total) * 10);
    if (tenth <= (told.get(cluster) ?? 0)) return;
    told.set(cluster, tenth);
    out.note(out.text('host.cli.demoFilling', { cluster, stored, total }));
  };
}

/** An engine that was restarted gets ready again; whoever waits is told once. */
function once<T>(tell: (value: T) => void): (value: T) => void {
  let told = false;
  return (value) => {
    if (!told) tell(value);
    told = true;
  };
}

async function serveDemo(call: Call, options: DemoOptions, port: number | undefined): Promise<number> {
  const { out } = call;
  const log = createLog();
  const { dataDir } = options;
  /** In the order of starting; closed in the opposite one. */
  const open: (() => Promise<void>)[] = [];
  const close = (): Promise<void> =>
    closeInTime(async () => {
      for (const end of open.splice(0).reverse()) await end();
    });
  const asked = untilAskedToEnd(() => out.note(out.text('host.cli.ending')));

  async function start(): Promise<{ lost: Promise<void> }> {
    out.note(out.text('host.cli.demoStarting', { count: options.clusters }));
    const { engine, demo } = await startDemo(
      options,
      async () => {
        const engine = await openEngine({ dataDir, host: 'loopback', demo: true, log });
        markInUse(dataDir);
        out.note(out.text('host.cli.demoRegistering', { fleet: FLEET_NAME, federation: FEDERATION_NAME }));
        return engine;
      },
      log,
      (end) => open.push(end),
      tellProgress(out),
    );
    const loopback = await startLoopback({ engine, rendererDir, dataDir, port, log });
    open.push(() => loopback.close());
    sayDemoReady(call, { url: loopback.url, dataDir, kubeconfigs: demo.kubeconfigs });
    for (const reason of demo.refused)
      out.note(out.text('host.cli.demoRefused', { reason: errorText(out.language, reason).title }));
    if (!call.json) await sayReady(out, loopback.url, apiOf(engine));
    return { lost: demo.lost };
  }

  const started = start();
  try {
    const up = await Promise.race([started, asked.then(() => null)]);
    if (up === null) {
      // Asked to end while still starting: what comes up from now on ends with this process.
      started.catch(() => {});
      await close();
      process.exit(0);
    }
    return await Promise.race([
      asked.then(() => 0),
      up.lost.then(() => {
        out.note(out.text('host.cli.demoLost'));
        return 1;
      }),
    ]);
  } finally {
    await close();
  }
}
