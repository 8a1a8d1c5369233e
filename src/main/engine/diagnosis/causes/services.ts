/** Services: endpoints, selectors, ports, addresses. Sources: EndpointSlice API, service and cloud controllers. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { both, computed, event, field, hit, kubectl, patchOf, sh } from '../hits.ts';
import { ageOf, isOver, isReady, matchesLabels } from '../pods.ts';
import type { Check, Evidence, Hit } from '../types.ts';
import type { World } from '../world.ts';
import { admissionCheck } from './admission.ts';
import { unhealthyHits } from './pod.ts';
import { rolloutCheck, workloadPodsCheck } from './workloads.ts';

const SERVICES = { group: '', version: 'v1', resource: 'services' };
const SERVICE_NAME = 'kubernetes.io/service-name';
const STARTING_SECONDS = 60;

export interface Ready {
  ready: number;
  total: number;
  nodes: Set<string>;
  evidence: Evidence[];
}

export function endpointsOf(service: KubeObject, world: World): Ready {
  const namespace = service.metadata.namespace ?? '';
  const slices = world.index('slices by service', 'EndpointSlice', ({ metadata }) => [
    `${metadata.namespace}/${metadata.labels?.[SERVICE_NAME]}`,
  ])(`${namespace}/${service.metadata.name}`);
  const found: Ready = { ready: 0, total: 0, nodes: new Set(), evidence: [] };
  for (const slice of slices)
    for (const endpoint of (slice.endpoints ?? []) as Json[]) {
      found.total += 1;
      if (endpoint?.conditions?.ready === false) continue;
      found.ready += 1;
      if (endpoint?.nodeName) found.nodes.add(String(endpoint.nodeName));
    }
  if (slices.length === 0) {
    const old = world.get('Endpoints', namespace, service.metadata.name ?? '');
    for (const subset of (old?.subsets ?? []) as Json[]) {
      found.ready += (subset.addresses ?? []).length;
      found.total += (subset.addresses ?? []).length + (subset.notReadyAddresses ?? []).length;
    }
  }
  found.evidence.push(
    computed(
      service,
      'EndpointSlice',
      both(`${found.total} 个端点中 ${found.ready} 个就绪`, `${found.ready} of ${found.total} endpoints ready`),
    ),
  );
  return found;
}

export function podsBehind(service: KubeObject, world: World): KubeObject[] {
  return labelled(service, world, service.metadata.namespace ?? '').filter(
    (pod) => !isOver(pod) && matchesLabels(service.spec?.selector, pod.metadata.labels),
  );
}

/** Pods with the first label of the selector, in the namespace or (`*`) anywhere: few of many. */
function labelled(service: KubeObject, world: World, namespace: string): readonly KubeObject[] {
  const [first] = Object.entries(service.spec?.selector ?? {});
  if (first === undefined) return [];
  return world.index('pods by label', 'Pod', ({ metadata }) =>
    Object.entries(metadata.labels ?? {}).flatMap(([key, value]) => [
      `${metadata.namespace}/${key}=${value}`,
      `*/${key}=${value}`,
    ]),
  )(`${namespace}/${first[0]}=${first[1]}`);
}

function hasSelector(service: KubeObject): boolean {
  return Object.keys(service.spec?.selector ?? {}).length > 0;
}

export const isExternal = (service: KubeObject): boolean => service.spec?.type === 'ExternalName';

export const endpointCheck: Check = {
  id: 'endpoints',
  title: { zh: '后端与选择器', en: 'Endpoints and selector' },
  needs: ['Pod', 'EndpointSlice'],
  looked: (service, world) => [
    field(service, 'spec.selector', service.spec?.selector ?? {}),
    ...endpointsOf(service, world).evidence,
  ],
  run(service, world) {
    if (isExternal(service)) return external(service);
    const { ready, evidence } = endpointsOf(service, world);
    if (!hasSelector(service)) {
      const managed = /^(default\/kubernetes)$/.test(`${service.metadata.namespace}/${service.metadata.name}`);
      if (ready > 0 || managed || !world.complete('EndpointSlice')) return [];
      return [
        ...multiCluster(service, world),
        hit('S-NOSEL', service, { evidence, commands: [kubectl('get', service, '-o', 'yaml')] }),
      ].slice(0, 1);
    }
    const pods = podsBehind(service, world);
    const empty = (because: Hit[], more: Partial<Hit> = {}): Hit[] => [
      hit('S-NOEP', service, { evidence, commands: [kubectl('describe', service)], because, ...more }),
    ];
    if (pods.length === 0) {
      if (!world.complete('Pod')) return [];
      const unmade = withoutPods(service, world);
      return empty(unmade.length > 0 ? unmade : [unmatched(service, evidence, world)]);
    }
    if (ready > 0) return [];
    const because = unhealthyHits(pods, world);
    const list = pods
      .slice(0, 5)
      .map((pod) =>
        field(pod, 'status.conditions', `Ready=${isReady(pod) ? 'True' : 'False'}, phase ${pod.status?.phase}`),
      );
    if (pods.some(isReady)) {
      // Ready pods without endpoints: the controller could not resolve a port, or has not come to it.
      const port = namedPort(service, pods);
      if (port !== undefined) return [];
      const why = [...otherFamily(service, pods), ...slicesRefused(service, world)];
      return empty(why, { evidence: [...evidence, ...list], ...(why.length > 0 ? {} : { confidence: 'medium' }) });
    }
    // Pods that have only begun, and complain of nothing, are on their way.
    const starting = because.length === 0 && pods.every((pod) => ageOf(pod, world.now) < STARTING_SECONDS);
    return empty([
      hit('S-READY', service, {
        verdict: starting ? 'warning' : 'fault',
        params: { count: pods.length },
        evidence: [...evidence, ...list],
        commands: [
          `kubectl get pods -n ${sh(service.metadata.namespace ?? '')} -l ${sh(selectorText(service.spec?.selector))}`,
        ],
        because,
      }),
    ]);
  },
};

/** Pods have no address of a family that the Service takes: none of them gets into its EndpointSlices. */
function otherFamily(service: KubeObject, pods: readonly KubeObject[]): Hit[] {
  const wanted: string[] = service.spec?.ipFamilies ?? [];
  const [pod] = pods.filter(isReady);
  const ips: string[] = ((pod?.status?.podIPs ?? [{ ip: pod?.status?.podIP }]) as Json[]).map(({ ip }) =>
    String(ip ?? ''),
  );
  const have: string[] = [...new Set(ips.filter((ip) => ip !== '').map((ip) => (ip.includes(':') ? 'IPv6' : 'IPv4')))];
  if (pod === undefined || wanted.length === 0 || have.length === 0 || wanted.some((family) => have.includes(family)))
    return [];
  const [of, has] = [wanted.join(', '), have.join(', ')];
  return [
    hit('S-IPFAM', service, {
      params: {
        reason: both(
          `它只使用 ${of}，而后端 Pod 只有 ${has} 地址`,
          `it is ${of} only, and the pods behind it have ${has} only`,
        ),
      },
      evidence: [field(service, 'spec.ipFamilies'), field(pod, 'status.podIPs', pod.status?.podIPs ?? ips)],
      commands: [kubectl('get', service, '-o', 'yaml')],
    }),
  ];
}

/** Without what the controller has told around it, every time again. */
export function eventReason(message: string): string {
  return message.replace(/^.*failed to \w+ EndpointSlice for Service [^:]+: /s, '');
}

function quotaCommands(message: string, service: KubeObject): string[] {
  const quota = /exceeded quota: ([^,\s]+),/.exec(message)?.[1];
  return quota === undefined ? [] : [`kubectl describe quota ${sh(quota)} -n ${sh(service.metadata.namespace ?? '')}`];
}

/** What the EndpointSlice controller says of slices that it could not write. */
function slicesRefused(service: KubeObject, world: World): Hit[] {
  const told = world.events(service).find(({ reason }) => reason === 'FailedToUpdateEndpointSlices');
  if (told === undefined) return [];
  return [
    hit('S-EVENT', service, {
      params: { what: told.reason, reason: eventReason(told.message) },
      evidence: [event(service, told)],
      commands: [...quotaCommands(told.message, service), kubectl('describe', service)],
    }),
  ];
}

/** The selector is right and a workload has its labels: what keeps that from having pods. */
function withoutPods(service: KubeObject, world: World): Hit[] {
  const namespace = service.metadata.namespace ?? '';
  return ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet']
    .flatMap((kind) => world.within(kind, namespace))
    .filter(
      ({ metadata, spec }) =>
        matchesLabels(service.spec?.selector, spec?.template?.metadata?.labels) &&
        !metadata.ownerReferences?.some(({ controller }) => controller),
    )
    .flatMap((workload) => {
      const refused = [...rolloutCheck.run(workload, world), ...admissionCheck.run(workload, world)];
      // Scaled to nothing is as asked for the workload; whoever calls the Service gets no answer all the same.
      return (refused.length > 0 ? refused : workloadPodsCheck.run(workload, world)).map((one) =>
        one.cause === 'P-SELECT' ? { ...one, verdict: 'fault' as const } : one,
      );
    });
}

function selectorText(selector: Json): string {
  return Object.entries(selector ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

/** The pod with most labels in common, and what keeps it away; a namesake in another namespace counts as well. */
function unmatched(service: KubeObject, evidence: Evidence[], world: World): Hit {
  const wanted = Object.entries((service.spec?.selector ?? {}) as Record<string, string>);
  const namespace = service.metadata.namespace ?? '';
  const overlap = (pod: KubeObject): number =>
    wanted.filter(([key, value]) => pod.metadata.labels?.[key] === value).length +
    wanted.filter(([key]) => pod.metadata.labels?.[key] !== undefined).length / 100;
  const best = [...world.within('Pod', namespace)]
    .map((pod) => ({ pod, score: overlap(pod) }))
    .sort((a, b) => b.score - a.score)[0];
  const elsewhere = labelled(service, world, '*').find(
    (pod) => pod.metadata.namespace !== namespace && matchesLabels(service.spec?.selector, pod.metadata.labels),
  );
  const near = best !== undefined && best.score > 0 ? best.pod : elsewhere;
  const differing =
    near === undefined || near === elsewhere
      ? []
      : wanted.filter(([key, value]) => near.metadata.labels?.[key] !== value);
  const difference =
    near === undefined
      ? '-'
      : near === elsewhere
        ? `namespace ${near.metadata.namespace} ≠ ${namespace}`
        : differing.map(([key, value]) => `${key}: ${near.metadata.labels?.[key] ?? '(none)'} ≠ ${value}`).join(', ');
  const [only] = differing;
  const value = only === undefined ? undefined : near?.metadata.labels?.[only[0]];
  return hit('S-SEL', service, {
    params: {
      selector: selectorText(service.spec?.selector),
      near: near === undefined ? '-' : `${near.metadata.namespace}/${near.metadata.name}`,
      difference,
    },
    evidence: [
      field(service, 'spec.selector'),
      ...(near === undefined ? [] : [field(near, 'metadata.labels')]),
      ...evidence,
    ],
    commands: [`kubectl get pods -n ${sh(namespace)} --show-labels`, kubectl('edit', service)],
    patch:
      differing.length === 1 && only !== undefined && value !== undefined
        ? patchOf(service, SERVICES, { spec: { selector: { [only[0]]: value } } })
        : null,
  });
}

function external(service: KubeObject): Hit[] {
  const target = String(service.spec?.externalName ?? '');
  const own = `${service.metadata.name}.${service.metadata.namespace}.svc`;
  const reason =
    target === ''
      ? both('为空', 'empty')
      : /^[\d.]+$/.test(target) || target.includes(':')
        ? both('IP 地址不是域名', 'an IP address is no name')
        : target.startsWith(own)
          ? both('指向自身', 'points to itself')
          : null;
  if (reason === null) return [];
  return [
    hit('S-EXT', service, {
      params: { target: target || '-', reason },
      evidence: [field(service, 'spec.externalName', target)],
      commands: [kubectl('edit', service)],
    }),
  ];
}

function multiCluster(service: KubeObject, world: World): Hit[] {
  const name = service.metadata.name ?? '';
  if (!name.startsWith('derived-')) return [];
  const imported = world.get('ServiceImport', service.metadata.namespace ?? '', name.replace(/^derived-/, ''));
  return [
    hit('S-MCS', service, {
      params: {
        reason:
          imported === undefined
            ? both('没有导入 EndpointSlice', 'no EndpointSlice was imported')
            : both('ServiceImport 没有后端', 'ServiceImport without endpoints'),
      },
      evidence: [field(service, 'metadata.name'), ...(imported === undefined ? [] : [field(imported, 'spec')])],
      commands: ['kubectl get serviceexports,serviceimports -A'],
    }),
  ];
}

function containerPorts(pods: readonly KubeObject[]): Json[] {
  return pods.flatMap((pod) =>
    [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].flatMap((one: Json) => one?.ports ?? []),
  );
}

/** A port of the Service whose name no container knows: those endpoints have no port at all. */
function namedPort(service: KubeObject, pods: readonly KubeObject[]): Json | undefined {
  const names = new Set(containerPorts(pods).map(({ name }) => name));
  return (service.spec?.ports ?? []).find(
    (port: Json) =>
      typeof port?.targetPort === 'string' && !/^\d+$/.test(port.targetPort) && !names.has(port.targetPort),
  );
}

export const portCheck: Check = {
  id: 'ports',
  title: { zh: '端口与协议', en: 'Ports and protocols' },
  needs: ['Pod'],
  looked: (service) => [field(service, 'spec.ports')],
  run(service, world) {
    if (isExternal(service) || !hasSelector(service)) return [];
    const pods = podsBehind(service, world);
    const ports = containerPorts(pods);
    if (pods.length === 0) return [];
    const hits: Hit[] = [];
    for (const [index, port] of ((service.spec?.ports ?? []) as Json[]).entries()) {
      const target = port.targetPort ?? port.port;
      const declared = ports.map(
        (one) => `${one.name ? `${one.name}:` : ''}${one.containerPort}/${one.protocol ?? 'TCP'}`,
      );
      const numbered = ports.filter((one) => one.containerPort === Number(target) || one.name === target);
      const shared = {
        params: { port: target, ports: [...new Set(declared)].join(', ') || '-', protocol: port.protocol ?? 'TCP' },
        commands: [kubectl('edit', service)],
      };
      const evidence = [
        field(service, `spec.ports[${index}]`, port),
        computed(service, 'containerPorts', [...new Set(declared)].join(', ') || '-'),
      ];
      if (numbered.length > 0) {
        if (!numbered.some((one) => (one.protocol ?? 'TCP') === (port.protocol ?? 'TCP')))
          hits.push(hit('S-PROTO', service, { ...shared, evidence }));
        continue;
      }
      const isName = typeof target === 'string' && !/^\d+$/.test(target);
      // containerPort is information only: a number that is not declared may well be listened on.
      if (!isName && (ports.length === 0 || answers(service, port, world))) continue;
      hits.push(
        hit('S-TPORT', service, {
          ...shared,
          evidence,
          verdict: isName ? 'fault' : 'warning',
          confidence: isName ? 'high' : 'medium',
          patch: portPatch(service, index, ports),
        }),
      );
    }
    return hits;
  },
};

/** Whether somebody answered at the port, when it was asked. */
function answers({ metadata }: KubeObject, port: Json, world: World): boolean {
  const asked = world.get('Reached', metadata.namespace ?? '', `Service/${metadata.name}:${port.port}`);
  return asked?.outcome === 'answered';
}

function portPatch(service: KubeObject, index: number, ports: readonly Json[]): Hit['patch'] {
  const numbers = [...new Set(ports.map(({ containerPort }) => containerPort))];
  if (numbers.length !== 1 || (service.spec?.ports ?? []).length !== 1) return null;
  return patchOf(
    service,
    SERVICES,
    [{ op: 'replace', path: `/spec/ports/${index}/targetPort`, value: numbers[0] }],
    'json',
  );
}
