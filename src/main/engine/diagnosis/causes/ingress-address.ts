/** Ingresses: address, name, admission and the log of the controller. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { both, event, field, hit, kubectl, logLine, sh } from '../hits.ts';
import { ageOf, selects } from '../pods.ts';
import type { Check, Hit } from '../types.ts';
import type { World } from '../world.ts';
import { backendsOf, classOf, controllerPods } from './ingresses.ts';
import { serviceHits } from './service.ts';
import { endpointsOf } from './services.ts';

const ADDRESS_SECONDS = 180;

export const ingressAddressCheck: Check = {
  id: 'ingress-address',
  title: { zh: '地址、域名与控制器日志', en: 'Address, DNS, controller log' },
  needs: ['Event'],
  looked: (ingress) => [field(ingress, 'status.loadBalancer', ingress.status?.loadBalancer ?? {})],
  run: (ingress, world) => [
    ...address(ingress, world),
    ...names(ingress, world),
    ...webhooks(ingress, world),
    ...log(ingress, world),
    ...multiCluster(ingress, world),
  ],
};

function addressesOf(ingress: KubeObject): string[] {
  return ((ingress.status?.loadBalancer?.ingress ?? []) as Json[])
    .map(({ ip, hostname }) => String(ip ?? hostname ?? ''))
    .filter((text) => text !== '');
}

function address(ingress: KubeObject, world: World): Hit[] {
  if (addressesOf(ingress).length > 0 || ageOf(ingress, world.now) < ADDRESS_SECONDS) return [];
  const { object, name } = classOf(ingress, world);
  // A class that is missing or has no controller explains the address; its own cause tells that.
  if (object === undefined) return [];
  const services = world
    .all('Service')
    .filter(
      (one) =>
        one.spec?.type === 'LoadBalancer' &&
        /ingress|traefik|kong|haproxy|contour/.test(one.metadata.name ?? '') &&
        (one.status?.loadBalancer?.ingress ?? []).length === 0,
    );
  return [
    hit('G-ADDR', ingress, {
      verdict: 'warning',
      params: {
        reason:
          services.length > 0
            ? both(
                `Service ${services[0]?.metadata.namespace}/${services[0]?.metadata.name} 没有地址`,
                `Service ${services[0]?.metadata.namespace}/${services[0]?.metadata.name} has none`,
              )
            : both(`IngressClass ${name} 的控制器没有写入`, `class ${name}`),
      },
      confidence: 'medium',
      evidence: [
        field(ingress, 'status.loadBalancer', ingress.status?.loadBalancer ?? {}),
        ...services.slice(0, 2).map((one) => field(one, 'status.loadBalancer')),
      ],
      commands: [kubectl('describe', ingress)],
      because: services.slice(0, 1).flatMap((one) => serviceHits(one, world)),
    }),
  ];
}

/** What the workstation's resolver says of the hosts, when it was asked (objects of kind HostLookup). */
function names(ingress: KubeObject, world: World): Hit[] {
  const published = addressesOf(ingress);
  if (published.length === 0) return [];
  const hits: Hit[] = [];
  for (const { host } of (ingress.spec?.rules ?? []) as Json[]) {
    const lookup = host === undefined ? undefined : world.get('HostLookup', '', host);
    if (lookup === undefined) continue;
    const found: string[] = lookup.addresses ?? [];
    if (found.some((one) => published.includes(one))) continue;
    if (found.length > 0 && published.some((one) => !/^[\d.:a-f]+$/i.test(one))) continue;
    hits.push(
      hit('G-DNS', ingress, {
        verdict: 'warning',
        confidence: 'medium',
        params: {
          host,
          reason:
            found.length === 0
              ? (lookup.error ?? both('查不到', 'not found'))
              : `${found.join(', ')} ≠ ${published.join(', ')}`,
        },
        evidence: [
          field(ingress, 'status.loadBalancer'),
          { ...field(ingress, 'DNS', found.join(', ') || String(lookup.error ?? '-')), source: 'computed' },
        ],
        commands: [`nslookup ${sh(host)}`],
      }),
    );
  }
  return hits.slice(0, 3);
}

function webhooks(ingress: KubeObject, world: World): Hit[] {
  const failed = world.events(ingress).find(({ message }) => /failed calling webhook/.test(message));
  const hits: Hit[] = [];
  for (const configuration of world.all('ValidatingWebhookConfiguration'))
    for (const [index, webhook] of ((configuration.webhooks ?? []) as Json[]).entries()) {
      const judges = (webhook?.rules ?? []).some(({ resources = [] }: Json) => resources.includes('ingresses'));
      const target = webhook?.clientConfig?.service;
      if (!judges || target === undefined || !concerns(webhook, ingress, world)) continue;
      const service = world.get('Service', target.namespace ?? '', target.name ?? '');
      const gone =
        service === undefined
          ? world.complete('Service')
          : endpointsOf(service, world).ready === 0 && world.complete('EndpointSlice');
      if (!gone && failed === undefined) continue;
      hits.push(
        hit('G-WEBHOOK', ingress, {
          verdict: webhook.failurePolicy === 'Ignore' ? 'warning' : 'fault',
          params: {
            webhook: webhook.name,
            reason:
              failed?.message ??
              (service === undefined
                ? both(
                    `Service ${target.namespace}/${target.name} 不存在`,
                    `Service ${target.namespace}/${target.name} does not exist`,
                  )
                : both('没有就绪的后端', 'no ready endpoint')),
          },
          evidence: [
            field(configuration, `webhooks[${index}].clientConfig.service`),
            ...(failed === undefined ? [] : [event(ingress, failed)]),
          ],
          commands: [kubectl('get', configuration, '-o', 'yaml')],
        }),
      );
    }
  return hits;
}

/** By its namespaceSelector, as far as the namespace is known. */
function concerns(webhook: Json, ingress: KubeObject, world: World): boolean {
  const space = world.get('Namespace', '', ingress.metadata.namespace ?? '');
  const { namespaceSelector } = webhook ?? {};
  return namespaceSelector === undefined || space === undefined || selects(namespaceSelector, space.metadata.labels);
}

const LOG_SIGNS: readonly (readonly [RegExp, string])[] = [
  [/connect\(\) failed \(111/, '502'],
  [/upstream timed out/, '504'],
  [/no live upstreams|does not have any active Endpoint/i, '503'],
  [/client intended to send too large body/, '413'],
  [/ssl_certificate|error obtaining X\.?509|SSL_do_handshake/i, 'TLS'],
];

function log(ingress: KubeObject, world: World): Hit[] {
  const controllerId = String(classOf(ingress, world).object?.spec?.controller ?? '');
  const words = [
    ...((ingress.spec?.rules ?? []) as Json[]).map(({ host }) => String(host ?? '')),
    ...backendsOf(ingress).map(({ service }) => `${ingress.metadata.namespace}/${service}`),
    ...backendsOf(ingress).map(({ service }) => `${ingress.metadata.namespace}-${service}-`),
  ].filter((word) => word !== '');
  for (const pod of controllerPods(controllerId, world))
    for (const container of pod.spec?.containers ?? [])
      for (const line of [...(world.log(pod, container.name, false)?.lines ?? [])].reverse()) {
        const sign = LOG_SIGNS.find(([pattern]) => pattern.test(line.text));
        if (sign === undefined || !words.some((word) => line.text.includes(word))) continue;
        return [
          hit('G-LOG', ingress, {
            verdict: 'warning',
            confidence: 'medium',
            params: { what: sign[1], reason: line.text },
            evidence: [logLine(pod, container.name, line)],
            commands: [kubectl('logs', pod, '--tail=200')],
          }),
        ];
      }
  return [];
}

function multiCluster(ingress: KubeObject, world: World): Hit[] {
  const told = world
    .events(ingress)
    .find(
      ({ reason, message }) =>
        /^(ClusterNotReady|SyncMultiClusterIngressFailed|DispatchFailed)$/.test(reason) && message !== '',
    );
  if (told === undefined) return [];
  return [
    hit('G-MCI', ingress, {
      params: { reason: told.message },
      evidence: [event(ingress, told)],
      commands: ['kubectl get clusters.cluster.karmada.io', 'kubectl get multiclusteringresses -A'],
    }),
  ];
}
