/** A name for a cluster out of a context name, following the rule of ClusterName in the contract. */

const MAX = 40;

/** `arn:aws:eks:eu-west-1:1:cluster/prod` → `prod`, `gke_proj_zone_name` → `name`, `kubernetes-admin@prod` → `prod`. */
export function suggestName(context: string, taken: ReadonlySet<string>): string {
  const last =
    /^arn:.*\/([^/]+)$/.exec(context)?.[1] ?? /^gke_[^_]+_[^_]+_(.+)$/.exec(context)?.[1] ?? context.split('@').at(-1);
  const base = shape(last ?? '') || shape(context) || 'cluster';
  if (!taken.has(base)) return base;
  for (let number = 2; ; number++) {
    const suffix = `-${number}`;
    const candidate = base.slice(0, MAX - suffix.length).replace(/-+$/, '') + suffix;
    if (!taken.has(candidate)) return candidate;
  }
}

function shape(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, MAX)
    .replace(/-+$/, '');
}
