/** Ingresses: hosts, paths and annotations that contradict each other or the controller. Source: ingress-nginx documentation. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { both, field, hit, kubectl, sh } from '../hits.ts';
import type { Check, Hit, Words } from '../types.ts';
import type { World } from '../world.ts';
import { classOf } from './ingresses.ts';

const NGINX = 'nginx.ingress.kubernetes.io/';

export const routeCheck: Check = {
  id: 'routes',
  title: { zh: '主机、路径与注解', en: 'Hosts, paths, annotations' },
  needs: ['Ingress'],
  looked: (ingress) => [field(ingress, 'spec.rules')],
  run: (ingress, world) => [...duplicates(ingress, world), ...paths(ingress), ...annotations(ingress, world)],
};

function routesOf(ingress: KubeObject): { key: string; path: Json; place: string }[] {
  return ((ingress.spec?.rules ?? []) as Json[]).flatMap((rule, index) =>
    ((rule?.http?.paths ?? []) as Json[]).map((path, at) => ({
      key: `${rule.host ?? '*'}${path?.path ?? '/'}`,
      path,
      place: `spec.rules[${index}].http.paths[${at}]`,
    })),
  );
}

function isCanary(ingress: KubeObject): boolean {
  return ingress.metadata.annotations?.[`${NGINX}canary`] === 'true';
}

function duplicates(ingress: KubeObject, world: World): Hit[] {
  if (isCanary(ingress)) return [];
  const mine = new Map(routesOf(ingress).map(({ key, place }) => [key, place]));
  const name = classOf(ingress, world).name;
  const sharing = world.index('ingresses by route', 'Ingress', (one) => routesOf(one).map(({ key }) => key));
  for (const other of [...mine.keys()].flatMap((key) => sharing(key))) {
    const itself = other === ingress || other.metadata.uid === ingress.metadata.uid;
    if (itself || isCanary(other) || classOf(other, world).name !== name) continue;
    const shared = routesOf(other).find(({ key }) => mine.has(key));
    if (shared === undefined) continue;
    const older = (other.metadata.creationTimestamp ?? '') <= (ingress.metadata.creationTimestamp ?? '');
    return [
      hit('G-HOSTDUP', ingress, {
        verdict: older ? 'fault' : 'warning',
        params: { path: shared.key, other: `${other.metadata.namespace}/${other.metadata.name}` },
        evidence: [field(ingress, mine.get(shared.key) ?? ''), field(other, shared.place)],
        commands: [kubectl('get', other, '-o', 'yaml')],
      }),
    ];
  }
  return [];
}

function paths(ingress: KubeObject): Hit[] {
  const annotations = ingress.metadata.annotations ?? {};
  const rewrite = annotations[`${NGINX}rewrite-target`] ?? '';
  const wanted = Math.max(0, ...[...rewrite.matchAll(/\$(\d)/g)].map(([, digit]) => Number(digit)));
  const hits: Hit[] = [];
  for (const { key, path, place } of routesOf(ingress)) {
    const text = String(path?.path ?? '');
    const groups = [...text.matchAll(/\((?!\?)/g)].length;
    const regex = /[()*+?|[\]^$]/.test(text);
    const reason =
      wanted > groups
        ? both(
            `rewrite-target ${rewrite} 使用第 ${wanted} 个分组，而路径只有 ${groups} 个`,
            `rewrite-target ${rewrite} uses group ${wanted}, the path has ${groups}`,
          )
        : regex && path?.pathType !== 'ImplementationSpecific'
          ? both(`pathType ${path?.pathType} 按字面匹配路径`, `pathType ${path?.pathType} takes the path literally`)
          : regex && annotations[`${NGINX}use-regex`] !== 'true' && rewrite === ''
            ? both('正则表达式路径没有设置 use-regex', 'a regular expression without use-regex')
            : null;
    if (reason === null) continue;
    hits.push(
      hit('G-PATH', ingress, {
        verdict: wanted > groups ? 'fault' : 'warning',
        params: { path: key, reason },
        evidence: [field(ingress, place), field(ingress, 'metadata.annotations', annotations)],
        commands: [kubectl('edit', ingress)],
      }),
    );
  }
  return hits.slice(0, 3);
}

const REMOVED = both('已移除', 'removed');
const SNIPPET = both('控制器默认不允许 snippet', 'snippets are off unless the controller allows them');
const instead = (protocol: string): Words =>
  both(`已移除，请改用 backend-protocol: ${protocol}`, `removed; use backend-protocol: ${protocol}`);
const BAD_ANNOTATIONS: Readonly<Record<string, Words>> = {
  'base-url-scheme': REMOVED,
  'secure-backends': instead('HTTPS'),
  'grpc-backend': instead('GRPC'),
  'add-base-url': REMOVED,
  'session-cookie-hash': REMOVED,
  'server-snippet': SNIPPET,
  'configuration-snippet': SNIPPET,
};

function annotations(ingress: KubeObject, world: World): Hit[] {
  const hits: Hit[] = [];
  for (const [name, reason] of Object.entries(BAD_ANNOTATIONS)) {
    if (ingress.metadata.annotations?.[NGINX + name] === undefined) continue;
    hits.push(
      hit('G-ANNOT', ingress, {
        verdict: 'warning',
        params: { annotation: NGINX + name, reason },
        evidence: [field(ingress, 'metadata.annotations', NGINX + name)],
        commands: [kubectl('annotate', ingress, `${sh(NGINX + name)}-`)],
      }),
    );
  }
  if (isCanary(ingress)) {
    const hosts = new Set(((ingress.spec?.rules ?? []) as Json[]).map(({ host }) => host));
    const main = world
      .all('Ingress')
      .some(
        (other) =>
          other !== ingress &&
          !isCanary(other) &&
          ((other.spec?.rules ?? []) as Json[]).some(({ host }) => hosts.has(host)),
      );
    if (!main)
      hits.push(
        hit('G-ANNOT', ingress, {
          params: {
            annotation: `${NGINX}canary`,
            reason: both('没有相同主机的主 Ingress', 'no main Ingress of the same host'),
          },
          evidence: [field(ingress, 'metadata.annotations', ingress.metadata.annotations)],
        }),
      );
  }
  return hits;
}
