/** The way of one workload as boxes and lines. */
import type { Why, WhyCluster } from '#shared/contract/federation-decisions.ts';
import type { Text } from '../../../stores/text.ts';
import type { FlowEdge, FlowNode } from '../../../ui/graph/FlowGraph.tsx';
import { type Level, Status, TargetName } from '../../../ui/Status.tsx';
import { objectState, outcomeOf, workState } from './words.ts';

/** Rows drawn, so that they can still be read; the table has them all. */
const MOST_ROWS = 6;
const POLICY = 0;
const TEMPLATE = 1;
const BINDING = 2;
const WORK = 3;
const OBJECT = 4;

type Words = Pick<Text, 't' | 'known' | 'number'>;

interface BoxText {
  kind: string;
  name: React.ReactNode;
  level: Level;
  state: string;
  title?: string | undefined;
}

export function graphOf(why: Why, words: Words): { nodes: FlowNode[]; edges: FlowEdge[]; rows: number } {
  const { t } = words;
  const nodes: FlowNode[] = [];
  const edges: FlowEdge[] = [];
  const reached = why.clusters.filter(
    (cluster) => cluster.target !== null || cluster.work !== null || isRequired(cluster),
  );
  // Where not all are drawn, those are that a person looks for.
  if (reached.length > MOST_ROWS) reached.sort((a, b) => trouble(b, why, words) - trouble(a, why, words));
  const shown = reached.slice(0, reached.length > MOST_ROWS ? MOST_ROWS - 1 : MOST_ROWS);
  const left = why.clusters.filter((cluster) => !reached.includes(cluster));
  const extra = (reached.length > shown.length ? 1 : 0) + (left.length > 0 ? 1 : 0);
  const rows = Math.max(1, shown.length + extra);
  const middle = (rows - 1) / 2;
  const put = (id: string, column: number, row: number, text: BoxText, faint = false): void => {
    nodes.push({
      id,
      column,
      row,
      level: text.level,
      faint,
      label: `${text.kind}: ${text.state}`,
      content: <BoxContent text={text} />,
    });
  };

  put('policy', POLICY, middle, policyText(why, words), why.policy === null);
  put('template', TEMPLATE, middle, {
    kind: t('why.kinds.template'),
    name: `${why.object.kind} ${why.object.name}`,
    level: why.template.deleting ? 'warning' : 'ok',
    state: why.template.deleting ? t('why.deleting') : t('why.generation', { generation: why.template.generation }),
  });
  edges.push({
    from: 'policy',
    to: 'template',
    level: why.policy === null ? 'none' : 'ok',
    dashed: why.policy === null,
  });
  if (why.binding === null) return { nodes, edges, rows };

  const scheduled = why.binding.conditions.find(({ type }) => type === 'Scheduled');
  const decided: Level = why.binding.suspended
    ? 'warning'
    : scheduled === undefined
      ? 'progressing'
      : scheduled.status === 'True'
        ? 'ok'
        : 'error';
  put('binding', BINDING, middle, {
    kind: t('why.kinds.binding'),
    name: why.binding.name,
    level: decided,
    state: why.binding.suspended
      ? t('why.suspended')
      : scheduled === undefined && reached.length === 0
        ? t('why.notYet')
        : scheduled !== undefined && scheduled.status !== 'True'
          ? scheduled.message
          : t('why.decided', { count: reached.length }),
    title: scheduled?.message,
  });
  edges.push({ from: 'template', to: 'binding', level: decided });
  for (const [row, cluster] of shown.entries()) putCluster(cluster, row);
  let row = shown.length;
  if (reached.length > shown.length) {
    const count = reached.length - shown.length;
    put(
      'more',
      WORK,
      row++,
      { kind: '', name: t('why.more', { count }), level: 'none', state: t('why.moreHint') },
      true,
    );
    edges.push({ from: 'binding', to: 'more', level: 'none', dashed: true });
  }
  if (left.length > 0) {
    const names = left.map(({ name }) => name).join(', ');
    const text = { kind: '', name: t('why.left', { count: left.length }), level: 'none' as const, state: names };
    put('left', WORK, row, { ...text, title: names }, true);
    edges.push({ from: 'binding', to: 'left', level: 'none', dashed: true });
  }
  return { nodes, edges, rows };

  function putCluster(cluster: WhyCluster, at: number): void {
    const state = cluster.work === null ? null : workState(cluster.work);
    const level = state?.level ?? 'progressing';
    const gone = outcomeOf(cluster) === 'former';
    const count = cluster.target?.replicas ?? null;
    put(`work/${cluster.name}`, WORK, at, {
      kind: t('why.kinds.work', { cluster: cluster.name }),
      name: count === null ? t(`why.outcomes.${outcomeOf(cluster)}`) : t('wizard.preview.replicas', { count }),
      level,
      state: t(`why.${state?.word ?? 'applying'}`),
      title: state?.message,
    });
    edges.push({ from: 'binding', to: `work/${cluster.name}`, level, dashed: gone });
    const there = objectState(cluster, why, words);
    put(`object/${cluster.name}`, OBJECT, at, {
      kind: t('why.kinds.object'),
      name: <TargetName name={cluster.name} />,
      level: there.level,
      state: there.text,
    });
    edges.push({ from: `work/${cluster.name}`, to: `object/${cluster.name}`, level: there.level, dashed: gone });
  }
}

/** 0: as it should be, 1: on its way or of no matter, 2: something is wrong. */
function trouble(cluster: WhyCluster, why: Why, words: Words): number {
  const levels = [
    cluster.work === null ? 'progressing' : workState(cluster.work).level,
    objectState(cluster, why, words).level,
  ];
  return levels.some((level) => level === 'error' || level === 'warning')
    ? 2
    : levels.every((level) => level === 'ok')
      ? 0
      : 1;
}

function isRequired(cluster: WhyCluster): boolean {
  return cluster.requiredBy.length > 0;
}

function policyText({ policy }: Why, { t }: Words): BoxText {
  const kind = t('why.kinds.policy');
  if (policy === null) return { kind, name: t('why.noPolicy'), level: 'none', state: '' };
  const waits = policy.missingOverrides.length > 0;
  return {
    kind,
    name: policy.key,
    level: policy.deleting || waits || policy.selector === 'none' ? 'warning' : 'ok',
    state: policy.deleting
      ? t('why.deleting')
      : waits
        ? t('why.waitsForOverrides', { names: policy.missingOverrides.join(', ') })
        : t(`why.selectors.${policy.selector}`),
  };
}

function BoxContent({ text }: { text: BoxText }) {
  return (
    <>
      {text.kind !== '' && <span className="flow-kind ellipsis">{text.kind}</span>}
      <span className="flow-name ellipsis" title={typeof text.name === 'string' ? text.name : undefined}>
        {text.name}
      </span>
      {text.state !== '' && (
        <Status level={text.level} title={text.title ?? text.state}>
          {text.state}
        </Status>
      )}
    </>
  );
}
