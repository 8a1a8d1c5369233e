/** pods/exec, pods/attach, pods/portforward: who is meant and whether it can be; the connection itself is the wire's. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { isTrue } from '../request/route.ts';
import type { ApiAnswer, UpgradeTarget } from '../request/types.ts';
import { badRequest, methodNotAllowed } from '../status.ts';
import { containerOf, isRunning } from './containers.ts';
import type { VerbContext } from './context.ts';
import { unreachableNode } from './nodes.ts';
import { readObject } from './read.ts';

export type PodStream = 'exec' | 'attach' | 'portforward';

export function podStream(context: VerbContext, what: PodStream): ApiAnswer {
  const { core, route } = context;
  if (route.verb !== 'get' && route.verb !== 'create') throw methodNotAllowed();
  const { object: pod } = readObject(context);
  const target = what === 'portforward' ? portsTarget(context, pod) : processTarget(context, pod, what);
  const node = hostOf(pod);
  if (core.pods === null) throw unreachableNode(core, context.kind, node);
  if (context.request.upgrade !== true) throw badRequest('Upgrade request required');
  return { status: 101, body: { kind: 'upgrade', target } };
}

function hostOf(pod: KubeObject): string {
  const node = pod.spec?.nodeName ?? '';
  if (node === '') throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
  return node;
}

function processTarget(context: VerbContext, pod: KubeObject, what: 'exec' | 'attach'): UpgradeTarget {
  const { core, request, user } = context;
  const { query } = request;
  const container = containerOf(pod, query.get('container') ?? '');
  const command = query.getAll('command');
  const tty = isTrue(query.get('tty'));
  const stdin = isTrue(query.get('stdin'));
  const stdout = isTrue(query.get('stdout'));
  // A terminal has one way out.
  const stderr = isTrue(query.get('stderr')) && !tty;
  let refusal: { status: number; text: string } | null = null;
  if (!stdin && !stdout && !stderr)
    refusal = { status: 400, text: 'you must specify at least 1 of stdin, stdout, stderr' };
  else if (!isRunning(pod, container)) refusal = { status: 500, text: `container not found ("${container}")` };
  const common = { kind: 'process' as const, stdin, stdout, stderr, tty, refusal };
  if (what === 'attach')
    return {
      ...common,
      failure: 'error attaching to container',
      run: (streams, signal) => core.pods!.attach({ pod, container, user, tty }, streams, signal),
    };
  return {
    ...common,
    failure: 'error executing command in container',
    run: async (streams, signal) => {
      if (command.length === 0) throw new Error('command cannot be empty');
      return core.pods!.exec({ pod, container, user, command, tty }, streams, signal);
    },
  };
}

function portsTarget(context: VerbContext, pod: KubeObject): UpgradeTarget {
  const { core, request, user } = context;
  const ports = request.query.getAll('ports').flatMap((text) => text.split(','));
  for (const text of ports)
    if (!/^\d+$/.test(text) || Number(text) < 1 || Number(text) > 65535) throw badRequest(`invalid port "${text}"`);
  return {
    kind: 'ports',
    ports: ports.map(Number),
    connect: async (port, connection, signal) => {
      try {
        await core.pods!.portForward({ pod, port, user }, connection, signal);
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        throw new Error(`error forwarding port ${port} to pod ${pod.metadata.name}, uid ${pod.metadata.uid}: ${text}`);
      }
    },
  };
}
