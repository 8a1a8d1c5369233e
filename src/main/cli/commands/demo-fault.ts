/** `fleetdeck demo fault list | start FAULT | stop FAULT`: faults of a demo that runs in another process. */
import path from 'node:path';
import type { ActiveFault, DemoState, FaultKind, FaultValues } from '#shared/contract/demo.ts';
import { FaultId } from '#shared/contract/demo.ts';
import type { DemoControl } from '../../engine/demo/index.ts';
import { runningDemo } from '../../host/demo-data.ts';
import { type Call, UsageError } from '../command.ts';

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

export async function demoFault(call: Call): Promise<number> {
  const [action = 'list', ...names] = call.args.slice(1);
  const { demoControl } = await import('../../engine/demo/index.ts');
  const control = demoControl(path.join(runningDemo(call.options.text('data')), 'demo'));
  switch (action) {
    case 'list':
      return list(call, await control.state());
    case 'start':
      return await start(call, control, faultNamed(names));
    case 'stop':
      return await stop(call, control, names);
    default:
      throw new UsageError(`demo fault ${action}: list, start or stop`);
  }
}

function list({ out, json }: Call, { faults, active }: DemoState): number {
  if (json) {
    out.document({ faults, active });
    return 0;
  }
  out.table(
    faults.map((fault) => ({ fault, now: active.filter((one) => one.fault === fault.id) })),
    [
      { title: 'FAULT', cell: ({ fault }) => fault.id },
      { title: 'ON', cell: ({ fault }) => fault.scope },
      { title: 'PARAMETERS', cell: ({ fault }) => fault.parameters.map(parameterText).join(' ') },
      { title: 'ACTIVE', cell: ({ now }) => now.map((one) => one.id.replace(`/${one.fault}`, '')).join(', ') },
      { title: 'WHAT', cell: ({ fault }) => out.text(`demo.faults.${fault.id}.title`) },
    ],
  );
  return 0;
}

function parameterText(parameter: FaultKind['parameters'][number]): string {
  const bounds = parameter.type === 'choice' ? parameter.choices.join('|') : `${parameter.min}..${parameter.max}`;
  return `${parameter.name}=${parameter.initial} (${bounds})`;
}

async function start(call: Call, control: DemoControl, fault: FaultId): Promise<number> {
  const { options, out, json } = call;
  const clusters = await clustersOf(call, control);
  const target = options.text('target');
  const forSeconds = secondsOf(options.text('for'));
  const started: ActiveFault[] = [];
  for (const cluster of clusters) {
    started.push(
      await control.start({
        fault,
        cluster,
        values: valuesOf(options.list('set')),
        ...(target === undefined ? {} : { target }),
        ...(forSeconds === undefined ? {} : { forSeconds }),
      }),
    );
  }
  if (json) out.document({ started });
  else for (const one of started) out.note(out.text('demo.cli.started', { name: one.id, until: one.until ?? '-' }));
  return 0;
}

/** Without a fault's name all are ended; `--cluster` and `--target` narrow it. */
async function stop({ options, out, json }: Call, control: DemoControl, names: readonly string[]): Promise<number> {
  const fault = names.length === 0 ? undefined : faultNamed(names);
  const wanted = options.list('cluster');
  const target = options.text('target');
  const { active } = await control.state();
  const ending = active.filter(
    (one) =>
      (fault === undefined || one.fault === fault) &&
      (wanted.length === 0 || wanted.includes(one.cluster)) &&
      (target === undefined || one.target === target),
  );
  for (const { id } of ending) await control.stop({ id });
  if (json) out.document({ stopped: ending.map(({ id }) => id) });
  else if (ending.length === 0) out.note(out.text('demo.cli.nothing'));
  else for (const { id } of ending) out.note(out.text('demo.cli.stopped', { name: id }));
  return 0;
}

function faultNamed(names: readonly string[]): FaultId {
  const parsed = FaultId.safeParse(names[0]);
  if (parsed.success && names.length === 1) return parsed.data;
  throw new UsageError(`a fault is one of ${FaultId.options.join(', ')}`);
}

/** The first cluster where none is named. */
async function clustersOf({ options }: Call, control: DemoControl): Promise<string[]> {
  const wanted = options.list('cluster');
  if (wanted.length > 0) return wanted;
  return (await control.state()).clusters.slice(0, 1);
}

function valuesOf(settings: readonly string[]): FaultValues {
  return Object.fromEntries(
    settings.map((setting) => {
      const [, name, value] = /^([a-z]+)=(.+)$/.exec(setting) ?? [];
      if (name === undefined || value === undefined) throw new UsageError(`--set takes NAME=VALUE, not "${setting}"`);
      return [name, value];
    }),
  );
}

function secondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, number, unit] = /^(\d+)([smhd])$/.exec(text) ?? [];
  if (number === undefined || Number(number) < 1) {
    throw new UsageError(`--for takes a time such as 30s, 5m or 2h, not "${text}"`);
  }
  return Number(number) * (UNITS[unit ?? ''] ?? 1);
}
