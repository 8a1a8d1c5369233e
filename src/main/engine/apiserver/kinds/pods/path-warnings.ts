/** Files of one volume that are in each other's way. Source: texts of the real server's warnings. */
import type { Json } from '#shared/kubernetes/types.ts';

interface Place {
  path: string;
  /** What it comes from, where there are several. */
  source: string;
}

const named = ({ path, source }: Place): string =>
  source === '' ? JSON.stringify(path) : `${JSON.stringify(path)} (${source})`;

export function pathWarnings(volumes: Json): string[] {
  return ((volumes ?? []) as Json[]).flatMap((volume) => [
    ...ofItems(volume, volume.configMap?.items, `ConfigMap ${JSON.stringify(volume.configMap?.name ?? '')}`),
    ...ofItems(volume, volume.secret?.items, `Secret ${JSON.stringify(volume.secret?.secretName ?? '')}`),
    ...ofItems(volume, volume.downwardAPI?.items, 'DownwardAPI'),
    ...(volume.projected ? ofSources(volume.name, volume.projected.sources) : []),
  ]);
}

function ofItems({ name }: Json, items: Json, what: string): string[] {
  return overlaps(name, what, placesOf(items, ''), []);
}

const placesOf = (items: Json, source: string): Place[] =>
  ((items ?? []) as Json[]).map(({ path = '' }) => ({ path, source }));

function ofSources(name: string, sources: Json): string[] {
  const seen: Place[] = [];
  return ((sources ?? []) as Json[]).flatMap((source) => {
    // What a gate took away leaves nothing.
    if (Object.keys(source ?? {}).length === 0) return [`volume "${name}" (Projected) has no sources provided`];
    return overlaps(name, 'Projected', projected(source), seen);
  });
}

function projected({ configMap, secret, downwardAPI, serviceAccountToken }: Json): Place[] {
  if (configMap?.items) return placesOf(configMap.items, `ConfigMap ${JSON.stringify(configMap.name ?? '')}`);
  if (secret?.items) return placesOf(secret.items, `Secret ${JSON.stringify(secret.name ?? '')}`);
  if (downwardAPI?.items) return placesOf(downwardAPI.items, 'DownwardAPI');
  return serviceAccountToken ? [{ path: serviceAccountToken.path ?? '', source: 'ServiceAccountToken' }] : [];
}

/** `seen` grows by the places. */
function overlaps(volume: string, what: string, places: readonly Place[], seen: Place[]): string[] {
  return places.flatMap(({ path, source }) => {
    const place = { path: path.replace(/\/+$/, ''), source };
    const others = seen.filter((other) => collide(place.path, other.path));
    seen.push(place);
    return others.map(
      (other) => `volume ${JSON.stringify(volume)} (${what}): overlapping paths: ${named(place)} with ${named(other)}`,
    );
  });
}

function collide(one: string, other: string): boolean {
  if (one === '' || other === '') return false;
  return `${one}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${one}/`);
}
