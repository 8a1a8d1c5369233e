/**
 * What can be done with the selected rows. Every question says how many objects in which clusters; afterwards each object
 * that was refused is named with its reason, and stays selected.
 */
import { type ReactNode, useState } from 'react';
import type { BulkAction, BulkOutcome } from '#shared/contract/resources.ts';
import type { RowRef } from '#shared/contract/views.ts';
import { apiVersionOf, type ResourceRef } from '#shared/kubernetes/types.ts';
import { engine } from '../../app/engine/client.ts';
import { useAction } from '../../app/engine/hooks.ts';
import { nameOfTarget, type TargetEntry } from '../../app/target-entries.ts';
import { targetKey } from '../../stores/targets.ts';
import { useText } from '../../stores/text.ts';
import { Confirm } from '../../ui/Confirm.tsx';
import { Button, Input, InputNumber } from '../../ui/controls.ts';
import { ErrorNotice } from '../../ui/Feedback.tsx';
import { Field } from '../../ui/Field.tsx';
import { useNotify } from '../../ui/notify.ts';
import { BeforeDeletions } from '../federations/whatif/BeforeDeletion.tsx';
import { BulkOutcomes } from './BulkOutcomes.tsx';
import { actionsOf, federationsOf, parsePairs } from './bulk.ts';

export interface BulkBarProps {
  viewId: () => string;
  resource: ResourceRef;
  /** What the kind is called. */
  kind: string;
  keys: ReadonlySet<string>;
  /** Rows that the view has. */
  total: number;
  entries: readonly TargetEntry[];
  onSelection: (keys: ReadonlySet<string>) => void;
  exportMenu: ReactNode;
}

type Asking = 'delete' | 'restart' | 'scale' | 'label' | 'cordon' | 'uncordon' | 'suspend' | 'resume';

/** What was tried last and not done everywhere. */
interface Undone {
  what: Asking;
  action: BulkAction;
  asked: number;
  refs: readonly RowRef[];
  refused: readonly BulkOutcome[];
}

/** Objects of one action, and rows that are selected at once. */
export const MOST = 5_000;

export function BulkBar({ viewId, resource, kind, keys, total, entries, onSelection, exportMenu }: BulkBarProps) {
  const { t } = useText();
  const notify = useNotify();
  const [asking, setAsking] = useState<{ what: Asking; refs: readonly RowRef[] } | null>(null);
  const [replicas, setReplicas] = useState<number | null>(1);
  const [labels, setLabels] = useState('');
  const [undone, setUndone] = useState<Undone | null>(null);
  const pick = useAction(() => engine.views.pick.mutate({ viewId: viewId(), keys: [...keys], limit: MOST }));
  const run = useAction((refs: readonly RowRef[], action: BulkAction) =>
    engine.resources.bulk.mutate({
      refs: refs.map(({ target, namespace, name }) => ({ target, namespace, name, resource })),
      action,
    }),
  );
  async function ask(what: Asking) {
    setUndone(null);
    const picked = await pick.run();
    if (picked !== null) setAsking({ what, refs: picked.value });
  }
  const close = () => {
    setAsking(null);
    run.reset();
  };
  const pairs = parsePairs(labels);
  const action = asking === null ? null : actionOf(asking.what, replicas, pairs);
  async function perform(what: Asking, refs: readonly RowRef[], wanted: BulkAction) {
    const done = await run.run(refs, wanted);
    if (done === null) return;
    const refused = done.value.filter(({ error }) => error !== null);
    const count = done.value.length - refused.length;
    if (count > 0) notify.success(t('resources.bulk.done', { count }));
    const names = new Set(refused.map(placeOf));
    const left = refs.filter((ref) => names.has(placeOf(ref)));
    setUndone(refused.length === 0 ? null : { what, action: wanted, asked: refs.length, refs: left, refused });
    onSelection(new Set(left.map(({ key }) => key)));
    close();
  }
  const clusters = [...new Set(asking?.refs.map(({ target }) => nameOfTarget(entries, target)) ?? [])];
  const words = { count: asking?.refs.length ?? 0, kind, clusters: clusters.join(', ') };
  if (keys.size === 0 && undone === null) return null;
  return (
    <div className="stack bulk" role="region" aria-label={t('resources.bulk.region')} data-testid="bulk-bar">
      {keys.size > 0 && (
        <div className="row wrap">
          <span className="strong" data-testid="bulk-count">
            {t('resources.bulk.selected', { count: keys.size })}
          </span>
          {keys.size === MOST && total > MOST && (
            <span className="muted">{t('resources.bulk.most', { count: MOST, total })}</span>
          )}
          {actionsOf(resource).map((what) => (
            <Button
              key={what}
              danger={what === 'delete'}
              loading={pick.pending}
              onClick={() => void ask(what)}
              data-testid={`bulk-${what}`}
            >
              {t(`resources.bulk.${what}`)}
            </Button>
          ))}
          {exportMenu}
          <Button type="link" onClick={() => onSelection(new Set())} data-testid="bulk-clear">
            {t('resources.bulk.clear')}
          </Button>
        </div>
      )}
      {pick.error !== null && <ErrorNotice error={pick.error} onClose={pick.reset} />}
      {undone !== null && (
        <BulkOutcomes
          refused={undone.refused}
          asked={undone.asked}
          action={t(`resources.bulk.${undone.what}`)}
          entries={entries}
          pending={run.pending}
          onAgain={() => void perform(undone.what, undone.refs, undone.action)}
          onClose={() => setUndone(null)}
        />
      )}
      {asking === null && run.error !== null && <ErrorNotice error={run.error} onClose={run.reset} />}
      <Confirm
        open={asking !== null}
        title={asking === null ? '' : t(`resources.bulk.title.${asking.what}`, words)}
        action={asking === null ? '' : t(`resources.bulk.${asking.what}`)}
        danger={asking?.what === 'delete'}
        {...(asking?.what === 'delete' && words.count > 10 ? { typeToConfirm: String(words.count) } : {})}
        disabled={action === null}
        pending={run.pending}
        error={run.error}
        onCancel={close}
        onConfirm={() => asking !== null && action !== null && void perform(asking.what, asking.refs, action)}
      >
        <div className="stack">
          <span>{t('resources.bulk.where', words)}</span>
          <ul className="bullets bulk-names">
            {asking?.refs.slice(0, 12).map(({ key, target, namespace, name }) => (
              <li key={key} className="ellipsis">
                {namespace === '' ? name : `${namespace}/${name}`}{' '}
                <span className="muted">{nameOfTarget(entries, target)}</span>
              </li>
            ))}
            {words.count > 12 && <li className="muted">{t('resources.detail.more', { count: words.count - 12 })}</li>}
          </ul>
          {asking?.what === 'delete' &&
            federationsOf(asking.refs).map(([federationId, refs]) => (
              <BeforeDeletions
                key={federationId}
                federationId={federationId}
                objects={refs.map(({ namespace, name }) => ({
                  apiVersion: apiVersionOf(resource),
                  kind,
                  namespace,
                  name,
                }))}
              />
            ))}
          {asking?.what === 'scale' && (
            <Field label={t('resources.actions.replicas')}>
              <InputNumber
                autoFocus
                min={0}
                max={100_000}
                precision={0}
                value={replicas}
                onChange={setReplicas}
                data-testid="bulk-replicas"
              />
            </Field>
          )}
          {asking?.what === 'label' && (
            <Field label={t('resources.bulk.labels')} help={t('resources.bulk.labelsHelp')}>
              <Input
                autoFocus
                className="mono"
                value={labels}
                placeholder="team=red tier-"
                onChange={(event) => setLabels(event.target.value)}
                data-testid="bulk-labels"
              />
            </Field>
          )}
        </div>
      </Confirm>
    </div>
  );
}

function placeOf({ target, namespace, name }: Pick<RowRef, 'target' | 'namespace' | 'name'>): string {
  return `${targetKey(target)}/${namespace}/${name}`;
}

function actionOf(
  what: Asking,
  replicas: number | null,
  labels: Record<string, string | null> | null,
): BulkAction | null {
  switch (what) {
    case 'delete':
      return { kind: 'delete', orphan: false };
    case 'restart':
      return { kind: 'restart' };
    case 'scale':
      return replicas === null ? null : { kind: 'scale', replicas };
    case 'label':
      return labels === null ? null : { kind: 'label', labels };
    case 'cordon':
    case 'uncordon':
      return { kind: 'cordon', on: what === 'cordon' };
    default:
      return { kind: 'suspend', on: what === 'suspend' };
  }
}
