/**
 * What is unhealthy now in one cluster, by cause. Only what does not look well is judged; a Service or an Ingress that
 * suffers from the same root as a workload is told with it. Gives way to others while it works.
 */
import { setImmediate as breathe } from 'node:timers/promises';
import type { DiagnosisFinding, HealthGroup, ObjectName } from '#shared/contract/diagnosis.ts';
import { DIAGNOSIS_KINDS } from '#shared/diagnosis.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { CHECKS, causeOf, titleOf } from './causes/index.ts';
import { isUnhealthy } from './causes/pod.ts';
import { endpointsOf } from './causes/services.ts';
import { rank } from './diagnose.ts';
import { nameOf } from './hits.ts';
import { ageOf, conditionsOf } from './pods.ts';
import type { World } from './world.ts';

export interface Place {
  cause: string;
  verdict: 'fault' | 'warning';
  finding: DiagnosisFinding;
  object: ObjectName;
  /** Objects that suffer from it. */
  total: number;
}

const YOUNG_SECONDS = 30;
/** So long at most before others have their turn. */
const AT_ONCE_MS = 15;
/** Said of machines that are busy rather than broken: not what this page is for. */
const NOT_HERE = new Set(['N-VK', 'N-CAP', 'S-AFF', 'S-LBEP', 'P-SELECT', 'J-SUSPENDED', 'H-LIMITED']);

export async function unhealthy(world: World): Promise<{ places: Place[]; checked: number }> {
  const places = new Map<string, Place>();
  let checked = 0;
  let pause = performance.now() + AT_ONCE_MS;
  for (const kind of DIAGNOSIS_KINDS) {
    for (const object of world.all(kind)) {
      checked += 1;
      if (performance.now() > pause) {
        await breathe();
        pause = performance.now() + AT_ONCE_MS;
      }
      if (!looksUnwell(object, world)) continue;
      const findings = rank(
        CHECKS[kind].flatMap((check) => check.run(object, world)),
        world,
      ).filter(({ cause }) => !NOT_HERE.has(cause));
      const [first] = findings;
      if (first !== undefined) note(places, first, object);
    }
  }
  return { places: [...places.values()], checked };
}

function note(places: Map<string, Place>, finding: DiagnosisFinding, object: KubeObject): void {
  const key = `${finding.cause}/${finding.object.kind}/${finding.object.namespace}/${finding.object.name}`;
  const known = places.get(key);
  if (known === undefined)
    places.set(key, { cause: finding.cause, verdict: finding.verdict, finding, object: nameOf(object), total: 1 });
  else {
    known.total += 1;
    if (finding.verdict === 'fault') known.verdict = 'fault';
    // The workload is what a person looks for, neither its tenth pod nor the Service in front of it.
    if (preference(object.kind) < preference(known.object.kind)) known.object = nameOf(object);
  }
}

const SHOWN_LAST = ['Ingress', 'Service', 'Pod'];

function preference(kind: string): number {
  return SHOWN_LAST.indexOf(kind);
}

function looksUnwell(object: KubeObject, world: World): boolean {
  const { status = {}, spec = {}, metadata } = object;
  // What has only begun may still come, unless somebody has complained already.
  const warned = (): boolean => world.events(object).some(({ type }) => type === 'Warning');
  if (ageOf(object, world.now) < YOUNG_SECONDS && !warned()) return false;
  switch (object.kind) {
    case 'Node':
      return true;
    case 'Pod':
      // Pods of a workload are looked at with it.
      return (
        isUnhealthy(object) &&
        !(metadata.ownerReferences ?? []).some(({ kind }) => /^(ReplicaSet|StatefulSet|DaemonSet|Job)$/.test(kind))
      );
    case 'Deployment':
    case 'StatefulSet':
      return Number(status.readyReplicas ?? 0) < Number(spec.replicas ?? 1);
    case 'DaemonSet':
      return Number(status.numberReady ?? 0) < Number(status.desiredNumberScheduled ?? 0);
    case 'Job':
      return (
        conditionsOf(object).some(({ type, status: is }) => type === 'Failed' && is === 'True') ||
        Number(status.active ?? 0) > 0
      );
    case 'PersistentVolumeClaim':
      return status.phase !== 'Bound';
    case 'Service':
      return spec.type === 'LoadBalancer' || spec.type === 'ExternalName' || endpointsOf(object, world).ready === 0;
    case 'Ingress':
      return true;
    case 'HorizontalPodAutoscaler':
      return conditionsOf(object).some(({ status: is }) => is === 'False');
    default:
      return metadata.deletionTimestamp !== undefined;
  }
}

/** Places of all clusters by cause: faults first, then what is most frequent. */
export function grouped(clusters: readonly { id: string; name: string; places: readonly Place[] }[]): HealthGroup[] {
  const groups = new Map<string, HealthGroup & { ids: Set<string> }>();
  for (const { id, name, places } of clusters)
    for (const { cause, verdict, finding, object, total } of places) {
      const texts = causeOf(cause);
      const group = groups.get(cause) ?? {
        cause,
        verdict,
        title: titleOf(cause),
        remedy: { zh: texts.zh.remedy, en: texts.en.remedy },
        places: [],
        clusters: 0,
        total: 0,
        ids: new Set<string>(),
      };
      groups.set(cause, group);
      if (verdict === 'fault') group.verdict = 'fault';
      group.ids.add(id);
      group.clusters = group.ids.size;
      group.total += total;
      if (group.places.length < MOST_PLACES)
        group.places.push({ clusterId: id, cluster: name, object, sentence: finding.sentence, root: finding.object });
    }
  return [...groups.values()]
    .map(({ ids: _ids, ...group }) => group)
    .sort(
      (a, b) =>
        Number(b.verdict === 'fault') - Number(a.verdict === 'fault') ||
        b.total - a.total ||
        causeOf(b.cause).rank - causeOf(a.cause).rank,
    );
}

const MOST_PLACES = 200;
