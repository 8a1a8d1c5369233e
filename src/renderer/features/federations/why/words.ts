/** Decisions in words: what became of a cluster and why, what happened when. Pure. */
import type {
  ClusterVerdict,
  JournalEntry,
  Placed,
  Verdicts,
  Why,
  WhyCluster,
} from '#shared/contract/federation-decisions.ts';
import type { Text } from '../../../stores/text.ts';
import type { Level } from '../../../ui/Status.tsx';

type Words = Pick<Text, 't' | 'known' | 'number'>;

/** No limit is known: the cluster was not counted. */
const UNLIMITED = 2 ** 31 - 1;

/** Outcomes as a person sees them: those of the decision, and what became of it since. */
export type Outcome = ClusterVerdict['outcome'] | 'required' | 'former';

export function outcomeOf(cluster: WhyCluster): Outcome {
  if (cluster.target !== null) return 'chosen';
  if (cluster.requiredBy.length > 0) return 'required';
  if (cluster.work !== null) return 'former';
  // The record says chosen and the present says otherwise: it has been moved since.
  const outcome = cluster.verdict?.outcome ?? 'rejected';
  return outcome === 'chosen' ? 'former' : outcome;
}

export function outcomeLevel(outcome: Outcome): Level {
  if (outcome === 'chosen' || outcome === 'required') return 'ok';
  return outcome === 'former' ? 'progressing' : 'none';
}

export function reasonOf(cluster: WhyCluster, verdicts: Verdicts | null, words: Words): string {
  const { t } = words;
  if (cluster.eviction !== null) return t('why.because.evicting', { message: evictionReason(cluster.eviction, words) });
  if (cluster.target === null && cluster.requiredBy.length > 0)
    return t('why.because.required', { names: cluster.requiredBy.join(', ') });
  if (cluster.target === null && cluster.work !== null) return t('why.because.former');
  if (cluster.verdict === null || verdicts === null) return '';
  return verdictText(cluster.verdict, verdicts, words);
}

export function verdictText(verdict: ClusterVerdict, verdicts: Verdicts, words: Words): string {
  const { t } = words;
  if (verdict.outcome === 'rejected') return ruleText(verdict, verdicts.affinityName, words);
  if (verdicts.error?.reason === 'QuotaExceeded') return t('why.rules.quota');
  if (verdicts.error !== null) return t('why.because.failed');
  if (verdict.outcome === 'spread') return t('why.because.spread');
  const text = divisionText(verdict, verdicts, words);
  if (verdict.overflow === 0) return text;
  return `${t('why.because.overflow', { group: verdict.overflow })} ${text}`;
}

/** Why a cluster was left out. @param affinityName the group of clusters that was looked at, where there are groups */
export function ruleText(
  { rule, subject, reason }: Pick<ClusterVerdict, 'rule' | 'subject' | 'reason'>,
  affinityName: string | null,
  { t, known }: Words,
): string {
  if (rule === 'ClusterAffinity' && affinityName !== null)
    return t('why.rules.ClusterAffinityGroup', { group: affinityName });
  const missing = subject === null && (rule === 'APIEnablement' || rule === 'TaintToleration');
  if (rule === null || missing || known(`why.rules.${rule}`, '') === '')
    return t('why.rules.other', { reason: reason ?? '' });
  return t(`why.rules.${rule as 'APIEnablement'}`, { subject: subject ?? '' });
}

function divisionText(verdict: ClusterVerdict, verdicts: Verdicts, { t, number }: Words): string {
  const { division, replicas: total } = verdicts;
  if (total === null || division === null) return t('why.because.copy');
  const { replicas, held, weight } = verdict;
  const sum = verdicts.clusters.reduce((all, one) => all + (one.weight ?? 0), 0);
  const values = {
    replicas: replicas ?? 0,
    held: held ?? 0,
    added: (replicas ?? 0) - (held ?? 0),
    total,
    weight: number(weight ?? 0),
    sum: number(sum),
    exact: number(sum === 0 ? 0 : ((weight ?? 0) * total) / sum, { maximumFractionDigits: 2 }),
  };
  const none = (replicas ?? 0) === 0;
  if (division.strategy === 'Duplicated') return t('why.because.duplicated', values);
  if (division.strategy === 'StaticWeight') {
    if (weight === null || weight === 0) return t('why.because.weightZero');
    if (none) return t('why.because.weightNone', values);
    const whole = sum > 0 && (weight * total) / sum === replicas;
    return t(whole ? 'why.because.weightExact' : 'why.because.weight', values);
  }
  if (division.step === 'kept') return t(none ? 'why.because.keptNone' : 'why.because.kept', values);
  if (division.step === 'less') return t(none ? 'why.because.keptNone' : 'why.because.less', values);
  if (none) return t(weight === 0 || verdict.available === 0 ? 'why.because.noRoom' : 'why.because.notNeeded');
  if (division.step === 'more' && values.held > 0)
    return t(values.added === 0 ? 'why.because.roomKept' : 'why.because.roomMore', values);
  if (division.strategy === 'Aggregated') return t('why.because.packed', values);
  return t(division.step === 'fresh' ? 'why.because.roomFresh' : 'why.because.room', values);
}

export function fitsText(verdict: ClusterVerdict | null, { t, number }: Words): string {
  if (verdict === null || verdict.available === null) return '';
  return verdict.available >= UNLIMITED ? t('why.unlimited') : number(verdict.available);
}

/** How the whole was divided, in one sentence. */
export function strategyText({ replicas, division, error }: Verdicts, { t }: Words): string {
  if (division === null && error !== null) return '';
  if (replicas === null || division === null) return t('why.strategies.copied');
  return t(`why.strategies.${division.strategy}`, { replicas });
}

function evictionReason({ reason, message }: { reason: string; message: string }, { known }: Words): string {
  return known(`why.events.reasons.${reason}`, message);
}

function placesText(places: readonly Placed[], most: number, words: Words): string {
  return someOf(
    places.map(({ name, replicas }) => (replicas === null ? name : `${name} ${replicas}`)),
    most,
    words,
  );
}

function someOf(parts: readonly string[], most: number, { t }: Words): string {
  // "and 1 more" would take the room of the one.
  if (parts.length <= most + 1) return parts.join(', ');
  return t('why.events.some', { shown: parts.slice(0, most).join(', '), count: parts.length - most });
}

/** What differs between two placements: `north 2 → 3`; a copy that comes or goes counts as 0 and 1. */
export function changesText(
  before: readonly Placed[],
  after: readonly Placed[],
  words: Words,
  most = Number.POSITIVE_INFINITY,
): string {
  const { t } = words;
  const count = (places: readonly Placed[], name: string): number => {
    const place = places.find((one) => one.name === name);
    return place === undefined ? 0 : (place.replicas ?? 1);
  };
  const names = [...new Set([...before, ...after].map(({ name }) => name))].sort();
  return someOf(
    names
      .map((name) => ({ name, from: count(before, name), to: count(after, name) }))
      .filter(({ from, to }) => from !== to)
      .map((change) => t('why.events.gained', change)),
    most,
    words,
  );
}

/** `most`: clusters named where a decision places many. */
export function eventText(
  { event }: Pick<JournalEntry, 'event'>,
  words: Words,
  most = Number.POSITIVE_INFINITY,
): string {
  const { t } = words;
  switch (event.kind) {
    case 'scheduled': {
      if (event.before.length === 0)
        return t('why.events.scheduledFirst', { after: placesText(event.after, most, words) });
      const changes = changesText(event.before, event.after, words, most);
      return changes === '' ? t('why.events.scheduledSame') : t('why.events.scheduled', { changes });
    }
    case 'notScheduled':
      return t('why.events.notScheduled', { message: event.verdicts.error?.message ?? '' });
    case 'evicting':
      return t('why.events.evicting', { cluster: event.cluster, reason: evictionReason(event, words) });
    case 'evictionEnded':
      return t(`why.events.evictionEnded.${event.how}`, { cluster: event.cluster });
    case 'claimed':
      return t(`why.events.claimed.${event.by}`, { policy: event.policy });
    case 'released':
      return t('why.events.released', { policy: event.policy });
    case 'repaired':
      if (event.fields[0] === '') return t('why.events.recreated', { cluster: event.cluster });
      return t('why.events.repaired', {
        cluster: event.cluster,
        fields: event.fields.length === 0 ? t('why.events.marks') : event.fields.join(', '),
      });
  }
}

export function eventLevel({ event }: Pick<JournalEntry, 'event'>): Level {
  switch (event.kind) {
    case 'notScheduled':
      return 'error';
    case 'evicting':
    case 'repaired':
    case 'released':
      return 'warning';
    default:
      return 'ok';
  }
}

/** State of the Work: `applied`, on its way, or failed with the reason. */
export function workState(work: NonNullable<WhyCluster['work']>): { level: Level; word: WorkWord; message: string } {
  if (work.deleting) return { level: 'progressing', word: 'removing', message: '' };
  if (work.suspended) return { level: 'warning', word: 'suspended', message: '' };
  const applied = work.conditions.find(({ type }) => type === 'Applied');
  if (applied === undefined) return { level: 'progressing', word: 'applying', message: '' };
  return applied.status === 'True'
    ? { level: 'ok', word: 'applied', message: '' }
    : { level: 'error', word: 'applyFailed', message: applied.message };
}
type WorkWord = 'removing' | 'suspended' | 'applying' | 'applied' | 'applyFailed';

/** State of the object in the member. */
export function objectState(cluster: WhyCluster, why: Why, { t }: Words): { level: Level; text: string } {
  const { object } = cluster;
  if (object === null) return { level: cluster.work === null ? 'none' : 'progressing', text: t('why.absent') };
  if (object.templateGeneration !== null && object.templateGeneration < why.template.generation)
    return { level: 'progressing', text: t('why.behind', { generation: object.templateGeneration }) };
  if (object.replicas === null || cluster.target?.replicas == null) {
    return object.health === 'Unhealthy'
      ? { level: 'error', text: t('federations.workloads.health.Unhealthy') }
      : { level: 'ok', text: t('why.present') };
  }
  const ready = object.ready ?? 0;
  const wanted = cluster.target.replicas;
  const level = ready >= wanted ? 'ok' : object.health === 'Unhealthy' ? 'error' : 'progressing';
  return { level, text: t('why.ready', { ready, replicas: wanted }) };
}
