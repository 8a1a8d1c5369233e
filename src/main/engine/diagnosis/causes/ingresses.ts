/** Ingresses: class and controller, backends, TLS, paths, address. Sources: networking.k8s.io/v1, ingress-nginx documentation. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { both, field, hit, kubectl, patchOf, plain, sh } from '../hits.ts';
import { isReady } from '../pods.ts';
import type { Check, Evidence, Hit } from '../types.ts';
import type { World } from '../world.ts';
import { unhealthyHits } from './pod.ts';
import { serviceHits } from './service.ts';
import { endpointsOf, portCheck } from './services.ts';

const INGRESSES = { group: 'networking.k8s.io', version: 'v1', resource: 'ingresses' };
const OLD_CLASS = 'kubernetes.io/ingress.class';
const DEFAULT_CLASS = 'ingressclass.kubernetes.io/is-default-class';

/** Pods of well-known controllers, by what their `spec.controller` says. */
const CONTROLLERS: readonly (readonly [RegExp, RegExp])[] = [
  [/ingress-nginx/, /^ingress-nginx$|ingress-nginx-controller|nginx-ingress/],
  [/nginx\.org/, /nginx-ingress/],
  [/traefik/, /traefik/],
  [/haproxy/, /haproxy/],
  [/kong/, /kong/],
  [/contour/, /contour|envoy/],
  [/alb|aws/, /aws-load-balancer-controller/],
  [/azure/, /ingress-azure|appgw/],
];

export function controllerPods(controller: string, world: World): KubeObject[] {
  const pattern = CONTROLLERS.find(([of]) => of.test(controller))?.[1];
  if (pattern === undefined) return [];
  const found = world.index(`pods of ${pattern}`, 'Pod', ({ metadata }) => {
    const label = metadata.labels?.['app.kubernetes.io/name'] ?? metadata.labels?.app ?? '';
    return pattern.test(label) || pattern.test(metadata.name ?? '') ? ['controller'] : [];
  });
  return [...found('controller')];
}

export function classOf(
  ingress: KubeObject,
  world: World,
): { name: string; object: KubeObject | undefined; given: boolean } {
  const given = ingress.spec?.ingressClassName ?? ingress.metadata.annotations?.[OLD_CLASS];
  if (given !== undefined)
    return { name: String(given), object: world.get('IngressClass', '', String(given)), given: true };
  const found = world.all('IngressClass').find(({ metadata }) => metadata.annotations?.[DEFAULT_CLASS] === 'true');
  return { name: found?.metadata.name ?? '', object: found, given: false };
}

export const classCheck: Check = {
  id: 'class',
  title: { zh: 'IngressClass 与控制器', en: 'Class and controller' },
  needs: ['IngressClass', 'Pod'],
  looked(ingress, world) {
    const { object } = classOf(ingress, world);
    return [
      field(ingress, 'spec.ingressClassName', ingress.spec?.ingressClassName ?? ''),
      ...(object === undefined ? [] : [field(object, 'spec.controller')]),
    ];
  },
  run(ingress, world) {
    if (!world.complete('IngressClass')) return [];
    const { name, object, given } = classOf(ingress, world);
    const classes = world.all('IngressClass');
    if (!given && object === undefined) {
      const [only] = classes;
      return [
        hit('G-NOCLASS', ingress, {
          evidence: [
            field(ingress, 'spec.ingressClassName', 'absent'),
            ...classes.map((one) => field(one, 'metadata.name')),
          ],
          commands: ['kubectl get ingressclasses', kubectl('edit', ingress)],
          patch:
            classes.length === 1 && only !== undefined
              ? patchOf(ingress, INGRESSES, { spec: { ingressClassName: only.metadata.name } })
              : null,
        }),
      ];
    }
    if (object === undefined) {
      // The annotation is older than the kind: controllers may know a class that has no object.
      const old = ingress.spec?.ingressClassName === undefined;
      return [
        hit('G-CLASSMISS', ingress, {
          verdict: old ? 'warning' : 'fault',
          params: { class: name },
          evidence: [
            field(ingress, old ? 'metadata.annotations' : 'spec.ingressClassName', name),
            ...classes.slice(0, 3).map((one) => field(one, 'metadata.name')),
          ],
          commands: ['kubectl get ingressclasses', kubectl('edit', ingress)],
        }),
      ];
    }
    return controller(ingress, name, object, world);
  },
};

function controller(ingress: KubeObject, name: string, object: KubeObject, world: World): Hit[] {
  const id = String(object.spec?.controller ?? '');
  const known = CONTROLLERS.some(([pattern]) => pattern.test(id));
  if (!known || !world.complete('Pod')) return [];
  const pods = controllerPods(id, world);
  if (pods.some(isReady)) return [];
  return [
    hit('G-CTRL', ingress, {
      params: {
        class: name,
        controller: id,
        reason:
          pods.length === 0
            ? both('没有找到它的 Pod', 'no pod of it was found')
            : both(`${pods.length} 个 Pod 都未就绪`, `0 of ${pods.length} pods ready`),
      },
      confidence: pods.length === 0 ? 'medium' : 'high',
      evidence: [field(object, 'spec.controller'), ...pods.slice(0, 3).map((pod) => field(pod, 'status.phase'))],
      commands: ['kubectl get pods -A -l app.kubernetes.io/component=controller'],
      because: unhealthyHits(pods, world),
    }),
  ];
}

interface Backend {
  service: string;
  port: Json;
  path: string;
  place: string;
}

export function backendsOf(ingress: KubeObject): Backend[] {
  const found: Backend[] = [];
  const put = (backend: Json, path: string, place: string): void => {
    if (backend?.service?.name)
      found.push({ service: String(backend.service.name), port: backend.service.port, path, place });
  };
  put(ingress.spec?.defaultBackend, 'defaultBackend', 'spec.defaultBackend');
  for (const [index, rule] of ((ingress.spec?.rules ?? []) as Json[]).entries())
    for (const [at, path] of ((rule?.http?.paths ?? []) as Json[]).entries())
      put(path?.backend, `${rule.host ?? '*'}${path?.path ?? '/'}`, `spec.rules[${index}].http.paths[${at}].backend`);
  return found;
}

export const backendCheck: Check = {
  id: 'backends',
  title: { zh: '后端服务', en: 'Backends' },
  needs: ['Service', 'EndpointSlice', 'Pod'],
  looked: (ingress) =>
    backendsOf(ingress).map(({ place, service, port }) =>
      field(ingress, place, `${service}:${port?.name ?? port?.number}`),
    ),
  run(ingress, world) {
    if (!world.complete('Service')) return [];
    const namespace = ingress.metadata.namespace ?? '';
    const hits: Hit[] = [];
    const seen = new Set<string>();
    for (const { service: name, port, path, place } of backendsOf(ingress)) {
      const once = `${name}:${port?.name ?? port?.number}`;
      if (seen.has(once)) continue;
      seen.add(once);
      const service = world.get('Service', namespace, name);
      const evidence: Evidence[] = [field(ingress, place)];
      if (service === undefined) {
        hits.push(
          hit('G-SVC', ingress, {
            params: { service: name, path },
            evidence,
            commands: [`kubectl get services -n ${sh(namespace)}`, kubectl('edit', ingress)],
          }),
        );
        continue;
      }
      const ports: Json[] = service.spec?.ports ?? [];
      if (service.spec?.type === 'ExternalName') {
        hits.push(
          hit('G-EXTNAME', ingress, {
            verdict: 'warning',
            params: { service: name },
            evidence: [...evidence, field(service, 'spec.type')],
            commands: [kubectl('describe', service)],
          }),
        );
        continue;
      }
      const used = ports.find((one) => (port?.name === undefined ? one.port === port?.number : one.name === port.name));
      if (used === undefined) {
        hits.push(
          hit('G-PORT', ingress, {
            params: {
              service: name,
              port: port?.name ?? port?.number ?? '?',
              ports: ports.map((one) => `${one.name ? `${one.name}:` : ''}${one.port}`).join(', '),
            },
            evidence: [...evidence, field(service, 'spec.ports')],
            commands: [kubectl('edit', ingress)],
            patch:
              ports.length === 1
                ? patchOf(
                    ingress,
                    INGRESSES,
                    [
                      {
                        op: 'replace',
                        path: `/${place.replaceAll(/\[(\d+)\]/g, '/$1').replaceAll('.', '/')}/service/port`,
                        value: { number: ports[0]?.port },
                      },
                    ],
                    'json',
                  )
                : null,
          }),
        );
      }
      if (!world.complete('EndpointSlice')) continue;
      const none = endpointsOf(service, world).ready === 0;
      // Pods may be ready and have no such port: then this port has no endpoint.
      const because = none
        ? serviceHits(service, world)
        : used === undefined
          ? []
          : withoutTarget(service, used, world);
      if (none || because.length > 0)
        hits.push(
          hit('G-EP', ingress, {
            params: { service: name },
            evidence: [...evidence, ...endpointsOf(service, world).evidence],
            commands: [kubectl('describe', service)],
            because,
          }),
        );
    }
    return hits;
  },
};

/** What keeps this one port of a Service from leading anywhere. */
function withoutTarget(service: KubeObject, used: Json, world: World): Hit[] {
  const target = String(used.targetPort ?? used.port);
  return portCheck
    .run(service, world)
    .filter(({ verdict, params }) => verdict === 'fault' && plain(params.port) === target);
}
