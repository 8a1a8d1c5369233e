/** Who a container runs as, and what kubelet says where that must not be root. Pure. Source: kubelet's security context (kuberuntime). */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { nameOf, namespaceOf, uidOf } from '../sim/objects.ts';
import { parseImage } from './images.ts';
import { LIBRARY } from './library.ts';

/** Users that images name, by what is known of their make; a name is one that kubelet cannot look up. */
const USERS: readonly (readonly [image: RegExp, user: number | string])[] = [
  [/nginx-unprivileged/, 101],
  [/(^|\/)bitnami(legacy)?\//, 1001],
  [/distroless.*:.*nonroot/, 65532],
  [/\/e2e-test-images\/nonroot:/, 1234],
  [/(^|\/)prom(etheus)?\/\w/, 'nobody'],
  [/(^|\/)grafana\//, 472],
];

/** Null: nothing is known of the image. */
export function imageUser(image: string): number | string | null {
  const reference = parseImage(image);
  const full = reference?.full ?? image;
  const known = USERS.find(([pattern]) => pattern.test(full));
  if (known !== undefined) return known[1];
  const official = /^docker\.io\/library\/([^/]+)$/.exec(reference?.repository ?? '')?.[1];
  const shell = /(^|\/)(busybox|alpine|agnhost|netshoot)$/.test(reference?.repository ?? '');
  return (official !== undefined && LIBRARY.has(official)) || shell ? 0 : null;
}

/** Why kubelet does not make the container; null: nothing speaks against it. */
export function nonRootRefusal(pod: KubeObject, container: Json): string | null {
  const own: Json = container.securityContext ?? {};
  const shared: Json = pod.spec?.securityContext ?? {};
  if ((own.runAsNonRoot ?? shared.runAsNonRoot) !== true) return null;
  const who = `(pod: "${nameOf(pod)}_${namespaceOf(pod)}(${uidOf(pod)})", container: ${container.name})`;
  const user: number | undefined = own.runAsUser ?? shared.runAsUser;
  if (user !== undefined) return user === 0 ? `container's runAsUser breaks non-root policy ${who}` : null;
  const named = imageUser(container.image ?? '');
  if (typeof named === 'string')
    return `container has runAsNonRoot and image has non-numeric user (${named}), cannot verify user is non-root ${who}`;
  return named === 0 ? `container has runAsNonRoot and image will run as root ${who}` : null;
}
