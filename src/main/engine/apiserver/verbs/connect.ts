/** What admission sees of a connection to a pod, service or node: options made of the query. Source: API reference, core/v1. */

import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { isTrue } from '../request/route.ts';
import type { ApiAnswer } from '../request/types.ts';
import { admit } from './admit.ts';
import type { VerbContext } from './context.ts';
import { restOf } from './proxy.ts';

const STREAMS = ['stdin', 'stdout', 'stderr', 'tty'];
const OPTIONS: Record<string, string> = {
  'pods/exec': 'PodExecOptions',
  'pods/attach': 'PodAttachOptions',
  'pods/portforward': 'PodPortForwardOptions',
  'pods/proxy': 'PodProxyOptions',
  'services/proxy': 'ServiceProxyOptions',
  'nodes/proxy': 'NodeProxyOptions',
};

/** Asks admission first where a plugin has a say, then connects. */
export function connect(
  context: VerbContext,
  handler: (context: VerbContext) => ApiAnswer | Promise<ApiAnswer>,
): ApiAnswer | Promise<ApiAnswer> {
  const { core, kind, route, user, warnings, annotations } = context;
  const [subresource = ''] = route.subresource.split('/');
  const options = OPTIONS[`${kind.resource}/${subresource}`];
  const concerned = core.admission.some((plugin) => plugin.matches(kind, 'CONNECT', subresource));
  if (options === undefined || !concerned) return handler(context);
  const asked = admit(core, {
    operation: 'CONNECT',
    kind,
    subresource,
    objectKind: { group: '', version: 'v1', kind: options },
    namespace: route.namespace,
    name: route.name,
    object: optionsOf(options, context.request.query, restOf(context.request.path, kind.namespaced)),
    old: null,
    user,
    dryRun: false,
    notes: { warnings, annotations },
  });
  return asked.then(() => handler(context));
}

function optionsOf(kind: string, query: URLSearchParams, path: string): KubeObject {
  const given: Record<string, Json> = {};
  if (kind === 'PodExecOptions' || kind === 'PodAttachOptions') {
    for (const name of STREAMS) if (isTrue(query.get(name))) given[name] = true;
    if (query.get('container')) given.container = query.get('container');
    if (kind === 'PodExecOptions') given.command = query.has('command') ? query.getAll('command') : null;
  } else if (kind === 'PodPortForwardOptions') {
    const ports = query.getAll('ports').flatMap((text) => text.split(',').map(Number));
    if (ports.length > 0) given.ports = ports;
  } else if (path !== '') given.path = path;
  return { kind, apiVersion: 'v1', metadata: {}, ...given };
}
