/** Services: addresses, load balancers, who else has a say on the way. Sources: service and cloud controllers, kube-proxy. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { both, computed, event, field, hit, kubectl, patchOf, seconds } from '../hits.ts';
import { ageOf, isOver, isReady, matchesLabels } from '../pods.ts';
import type { Check, Hit, Words } from '../types.ts';
import type { World } from '../world.ts';
import { podHits, unhealthyHits } from './pod.ts';
import { endpointsOf, eventReason, isExternal, podsBehind } from './services.ts';

const SERVICES = { group: '', version: 'v1', resource: 'services' };
const LB_SECONDS = 180;

export const addressCheck: Check = {
  id: 'addresses',
  title: { zh: '地址与负载均衡', en: 'Addresses and load balancer' },
  needs: ['Event', 'Node'],
  looked: (service) => [
    field(service, 'spec.type'),
    field(service, 'spec.clusterIP'),
    field(service, 'status.loadBalancer', service.status?.loadBalancer ?? {}),
  ],
  run: (service, world) => [
    ...loadBalancer(service, world),
    ...localPolicy(service, world),
    ...nodePorts(service, world),
    ...families(service, world),
  ],
};

const LB_EVENTS =
  /^(SyncLoadBalancerFailed|UnAvailableLoadBalancer|AllocationFailed|CreatingLoadBalancerFailed|FailedBuildModel|LoadBalancerError)$/;

function loadBalancer(service: KubeObject, world: World): Hit[] {
  if (service.spec?.type !== 'LoadBalancer' || (service.status?.loadBalancer?.ingress ?? []).length > 0) return [];
  const failed = world
    .events(service)
    .find(({ reason, type }) => LB_EVENTS.test(reason) || (type === 'Warning' && /LoadBalancer/i.test(reason)));
  if (failed === undefined && ageOf(service, world.now) < LB_SECONDS) return [];
  const reason =
    failed?.message ??
    (service.spec?.loadBalancerClass
      ? `loadBalancerClass ${service.spec.loadBalancerClass}`
      : both('没有控制器响应', 'no controller has answered'));
  return [
    hit('S-LBPEND', service, {
      params: { reason },
      confidence: failed === undefined ? 'medium' : 'high',
      evidence: [
        field(service, 'status.loadBalancer', service.status?.loadBalancer ?? {}),
        ...(failed === undefined ? [] : [event(service, failed)]),
      ],
      commands: [kubectl('describe', service)],
    }),
  ];
}

function localPolicy(service: KubeObject, world: World): Hit[] {
  if (service.spec?.externalTrafficPolicy !== 'Local' || !world.complete('Node')) return [];
  const { nodes, ready } = endpointsOf(service, world);
  if (ready === 0) return [];
  const without = world
    .all('Node')
    .filter(
      (node) =>
        !nodes.has(node.metadata.name ?? '') &&
        node.metadata.labels?.['node-role.kubernetes.io/control-plane'] === undefined,
    )
    .map((node) => node.metadata.name ?? '');
  if (without.length === 0) return [];
  return [
    hit('S-LBEP', service, {
      verdict: 'warning',
      params: { nodes: `${without.slice(0, 5).join(', ')}${without.length > 5 ? ` … (${without.length})` : ''}` },
      evidence: [
        field(service, 'spec.externalTrafficPolicy'),
        computed(
          service,
          'EndpointSlice',
          both(`有端点的节点：${[...nodes].join(', ')}`, `nodes with endpoints: ${[...nodes].join(', ')}`),
        ),
      ],
      commands: [kubectl('edit', service)],
      patch: patchOf(service, SERVICES, { spec: { externalTrafficPolicy: 'Cluster' } }),
    }),
  ];
}

function nodePorts(service: KubeObject, world: World): Hit[] {
  const hits: Hit[] = [];
  const ports: Json[] = service.spec?.ports ?? [];
  for (const [index, { nodePort, protocol = 'TCP' }] of ports.entries()) {
    if (typeof nodePort !== 'number') continue;
    const twin = world
      .index('services by node port', 'Service', (one) =>
        (one.spec?.ports ?? []).map((port: Json) => `${port?.nodePort}/${port?.protocol ?? 'TCP'}`),
      )(`${nodePort}/${protocol}`)
      .find((other) => other.metadata.uid !== service.metadata.uid);
    const holder = hostPortHolder(nodePort, protocol, world);
    const reason =
      nodePort < 30000 || nodePort > 32767
        ? both('不在 30000-32767 范围内', 'outside 30000-32767')
        : twin !== undefined
          ? both(`与 ${fullName(twin)} 相同`, `also of ${fullName(twin)}`)
          : holder !== undefined
            ? both(
                `节点 ${holder.spec?.nodeName} 上 ${fullName(holder)} 的 hostPort`,
                `hostPort of ${fullName(holder)} on ${holder.spec?.nodeName}`,
              )
            : null;
    if (reason === null) continue;
    hits.push(
      hit('S-NP', service, {
        verdict: twin === undefined && holder === undefined ? 'warning' : 'fault',
        params: { port: nodePort, reason },
        evidence: [
          field(service, `spec.ports[${index}].nodePort`),
          ...(holder === undefined ? [] : [field(holder, 'spec.containers', hostPortsOf(holder).join(', '))]),
        ],
        commands: [kubectl('edit', service)],
      }),
    );
  }
  return hits;
}

const fullName = ({ metadata }: KubeObject): string => `${metadata.namespace}/${metadata.name}`;

/** A pod that has the port on its node: there its rule and the Service's compete. */
function hostPortHolder(port: number, protocol: string, world: World): KubeObject | undefined {
  return world
    .index('pods by host port', 'Pod', (pod) => (pod.spec?.nodeName && !isOver(pod) ? hostPortsOf(pod) : []))(
      `${port}/${protocol}`,
    )
    .at(0);
}

function hostPortsOf(pod: KubeObject): string[] {
  return (pod.spec?.containers ?? []).flatMap((one: Json) =>
    (one?.ports ?? [])
      .filter(({ hostPort }: Json) => Number(hostPort ?? 0) > 0)
      .map(({ hostPort, protocol = 'TCP' }: Json) => `${hostPort}/${protocol}`),
  );
}

function families(service: KubeObject, world: World): Hit[] {
  const failed = world
    .events(service)
    .find(
      ({ message, reason }) =>
        /range is full|ipFamil|IP famil/i.test(message) || reason === 'ClusterIPAllocationFailed',
    );
  const empty =
    service.spec?.type !== 'ExternalName' && (service.spec?.clusterIP === '' || service.spec?.clusterIP === undefined);
  if (failed === undefined && !empty) return [];
  return [
    hit('S-IPFAM', service, {
      params: { reason: failed?.message ?? `ipFamilies ${service.spec?.ipFamilies ?? '-'}` },
      evidence: [
        field(service, 'spec.clusterIP', service.spec?.clusterIP ?? ''),
        field(service, 'spec.ipFamilies', service.spec?.ipFamilies ?? []),
        ...(failed === undefined ? [] : [event(service, failed)]),
      ],
      commands: [kubectl('describe', service)],
    }),
  ];
}

export const otherServiceCheck: Check = {
  id: 'service-other',
  title: { zh: '事件、会话保持与无头服务', en: 'Events, affinity, headless' },
  needs: ['Event', 'StatefulSet'],
  looked: (service) => [
    field(service, 'spec.sessionAffinity', service.spec?.sessionAffinity ?? 'None'),
    field(service, 'spec.clusterIP'),
  ],
  run(service, world) {
    const hits: Hit[] = [];
    const { ready } = endpointsOf(service, world);
    if (service.spec?.sessionAffinity === 'ClientIP' && ready === 1)
      hits.push(
        hit('S-AFF', service, {
          verdict: 'warning',
          params: { count: ready },
          evidence: [field(service, 'spec.sessionAffinity')],
        }),
      );
    const warning = world
      .events(service)
      .find(
        ({ type, reason, last }) =>
          type === 'Warning' &&
          !LB_EVENTS.test(reason) &&
          !/LoadBalancer|ClusterIPAllocation/i.test(reason) &&
          seconds(last, world.now) < 3600,
      );
    if (warning !== undefined)
      hits.push(
        hit('S-EVENT', service, {
          verdict: 'warning',
          params: { what: warning.reason, reason: eventReason(warning.message) },
          evidence: [event(service, warning)],
          commands: [kubectl('describe', service)],
        }),
      );
    return [...hits, ...headless(service, world)];
  },
};

/** The StatefulSet whose Service this ought to be. */
function headless(service: KubeObject, world: World): Hit[] {
  const namespace = service.metadata.namespace ?? '';
  const hits: Hit[] = [];
  for (const set of world.within('StatefulSet', namespace)) {
    const wanted = set.spec?.serviceName;
    const mine = matchesLabels(service.spec?.selector, set.spec?.template?.metadata?.labels);
    if (wanted === service.metadata.name && service.spec?.clusterIP !== 'None')
      hits.push(headlessHit(service, set, both(`Service ${wanted} 不是无头服务`, `Service ${wanted} is not headless`)));
    else if (
      mine &&
      service.spec?.clusterIP === 'None' &&
      wanted &&
      wanted !== service.metadata.name &&
      world.get('Service', namespace, wanted) === undefined
    )
      hits.push(
        headlessHit(
          service,
          set,
          both(
            `Service ${wanted} 不存在，存在的是 ${service.metadata.name}`,
            `Service ${wanted} does not exist, ${service.metadata.name} does`,
          ),
        ),
      );
  }
  return hits;
}

function headlessHit(service: KubeObject, set: KubeObject, reason: Words): Hit {
  return hit('S-HEADLESS', service, {
    params: { set: set.metadata.name ?? '', wanted: String(set.spec?.serviceName ?? ''), reason },
    evidence: [field(set, 'spec.serviceName'), field(service, 'spec.clusterIP')],
    commands: [kubectl('get', set, '-o', "jsonpath='{.spec.serviceName}'")],
  });
}

/** Some pods behind the Service are in trouble while others carry it. */
export const behindCheck: Check = {
  id: 'pods-behind',
  title: { zh: '后端 Pod', en: 'Pods behind it' },
  needs: ['Pod', 'Event'],
  looked: (service, world) =>
    podsBehind(service, world)
      .slice(0, 10)
      .map((pod) => field(pod, 'status.phase')),
  run(service, world) {
    if (isExternal(service) || endpointsOf(service, world).ready === 0) return [];
    return unhealthyHits(podsBehind(service, world), world).map((one) => ({ ...one, verdict: 'warning' as const }));
  },
};

export const proxyCheck: Check = {
  id: 'service-path',
  title: { zh: 'DNS 与 kube-proxy', en: 'DNS and kube-proxy' },
  needs: ['Pod', 'EndpointSlice'],
  looked: (_service, world) =>
    ['kube-dns']
      .map((name) => world.get('Service', 'kube-system', name))
      .filter((dns) => dns !== undefined)
      .flatMap((dns) => endpointsOf(dns, world).evidence),
  run(service, world) {
    const hits: Hit[] = [];
    const dns = world.get('Service', 'kube-system', 'kube-dns');
    const isDns = service.metadata.namespace === 'kube-system' && service.metadata.name === 'kube-dns';
    if (dns !== undefined && world.complete('EndpointSlice') && endpointsOf(dns, world).ready === 0)
      hits.push(
        hit('S-DNS', dns, {
          verdict: isDns ? 'fault' : 'warning',
          params: {
            reason: both(
              'Service kube-system/kube-dns 没有就绪的后端',
              'Service kube-system/kube-dns has no ready endpoint',
            ),
          },
          evidence: endpointsOf(dns, world).evidence,
          commands: [
            'kubectl get pods -n kube-system -l k8s-app=kube-dns',
            'kubectl logs -n kube-system -l k8s-app=kube-dns',
          ],
          because: podsBehind(dns, world)
            .slice(0, 5)
            .flatMap((pod) => podHits(pod, world)),
        }),
      );
    const nodes = endpointsOf(service, world).nodes;
    const broken = [...nodes].flatMap((node) =>
      world
        .onNode(node)
        .filter(
          (pod) =>
            pod.metadata.namespace === 'kube-system' &&
            /^kube-proxy/.test(pod.metadata.name ?? '') &&
            !isReady(pod) &&
            ageOf(pod, world.now) > 60,
        ),
    );
    if (broken.length > 0)
      hits.push(
        hit('S-KPROXY', service, {
          verdict: 'warning',
          params: { nodes: broken.map((pod) => pod.spec?.nodeName).join(', ') },
          evidence: broken.slice(0, 3).map((pod) => field(pod, 'status.phase')),
          commands: broken.slice(0, 3).map((pod) => kubectl('logs', pod, '--previous')),
        }),
      );
    return hits;
  },
};
