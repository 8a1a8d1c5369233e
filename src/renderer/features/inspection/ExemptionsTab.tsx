/** What is accepted, by whom, why and until when. */
import { useMemo, useState } from 'react';
import type { Exemption } from '#shared/contract/inspection.ts';
import { exemptionText } from '#shared/inspection-evidence.ts';
import { engine } from '../../app/engine/client.ts';
import { queries, useAction } from '../../app/engine/hooks.ts';
import { useText } from '../../stores/text.ts';
import { Confirm } from '../../ui/Confirm.tsx';
import { Button } from '../../ui/controls.ts';
import { Loading } from '../../ui/Feedback.tsx';
import { DataGrid } from '../../ui/grid/DataGrid.tsx';
import type { GridColumn } from '../../ui/grid/types.ts';
import { AddIcon, DeleteIcon } from '../../ui/icons.ts';
import { type Covered, ExemptDialog } from './ExemptDialog.tsx';
import { useRules } from './rules.ts';

export function ExemptionsTab({ exemptions }: { exemptions: readonly Exemption[] | undefined }) {
  const { t, dateTime, language } = useText();
  const { texts } = useRules();
  const [adding, setAdding] = useState<Partial<Covered> | null>(null);
  const [asked, setRemoving] = useState<Exemption | null>(null);
  // Gone is gone, also when another window removed it or the answer got lost on its way.
  const removing = exemptions?.some(({ id }) => id === asked?.id) === true ? asked : null;
  const remove = useAction((id: string) => engine.inspection.removeExemption.mutate({ id }));
  const columns = useMemo((): GridColumn<Exemption>[] => {
    const reasonOf = (one: Exemption) => exemptionText(language, one);
    return [
      {
        id: 'covers',
        title: t('inspection.columns.covers'),
        width: 260,
        grow: 3,
        cell: (one) => {
          const parts = [one.clusters, one.namespaces, one.kinds, one.names, one.labels].filter(
            (list) => list.length > 0,
          );
          const text = parts.map((list) => list.join(', ')).join(' · ');
          return (
            <span title={text} className="ellipsis">
              {text === '' ? t('inspection.exempt.any') : text}
            </span>
          );
        },
      },
      {
        id: 'rules',
        title: t('inspection.columns.rules'),
        width: 200,
        grow: 2,
        cell: ({ rules }) => {
          const text = rules.map((id) => texts(id).title).join(', ');
          return (
            <span title={text} className="ellipsis">
              {text === '' ? t('inspection.exempt.any') : text}
            </span>
          );
        },
      },
      {
        id: 'reason',
        title: t('inspection.columns.reason'),
        width: 200,
        grow: 3,
        sortValue: reasonOf,
        cell: (one) => (
          <span title={reasonOf(one)} className="ellipsis">
            {reasonOf(one)}
          </span>
        ),
      },
      {
        id: 'until',
        title: t('inspection.columns.until'),
        width: 240,
        sortValue: ({ until }) => (until === null ? null : Date.parse(until)),
        cell: ({ until }) =>
          until === null ? (
            <span className="muted">{t('inspection.exempt.forever')}</span>
          ) : Date.parse(until) < Date.now() ? (
            <span className="ellipsis" title={dateTime(until)}>
              <span className="text-warning">{t('inspection.exempt.ended')}</span>{' '}
              <span className="muted">{dateTime(until)}</span>
            </span>
          ) : (
            <span>{dateTime(until)}</span>
          ),
      },
      {
        id: 'author',
        title: t('inspection.columns.author'),
        width: 160,
        sortValue: ({ author }) => author,
        cell: ({ author, builtIn }) =>
          builtIn ? <span className="muted">{t('inspection.exempt.builtIn')}</span> : <span>{author}</span>,
      },
    ];
  }, [t, dateTime, language, texts]);
  if (exemptions === undefined) return <Loading rows={6} />;
  return (
    <div className="stack fill-column">
      <div className="row between">
        <span className="muted">{t('inspection.exempt.text')}</span>
        <Button icon={<AddIcon />} onClick={() => setAdding({})} data-testid="exempt-add">
          {t('inspection.exempt.add')}
        </Button>
      </div>
      <DataGrid
        label={t('inspection.tabs.exemptions')}
        testId="exemptions-grid"
        columns={columns}
        rows={exemptions}
        rowKey={({ id }) => id}
        rowActions={(one) =>
          !one.builtIn && (
            <Button
              type="text"
              icon={<DeleteIcon />}
              title={t('inspection.exempt.remove')}
              aria-label={`${t('inspection.exempt.remove')}: ${one.reason}`}
              onClick={() => {
                remove.reset();
                setRemoving(one);
              }}
            />
          )
        }
      />
      <ExemptDialog covered={adding} onClose={() => setAdding(null)} />
      <Confirm
        open={removing !== null}
        title={t('inspection.exempt.removeTitle')}
        action={t('inspection.exempt.remove')}
        danger
        pending={remove.pending}
        error={remove.error}
        onCancel={() => setRemoving(null)}
        onConfirm={() =>
          removing !== null &&
          void remove.run(removing.id).then((done) => {
            if (done === null) return;
            void queries.invalidateQueries({ queryKey: ['inspection'] });
            setRemoving(null);
          })
        }
      >
        {t('inspection.exempt.removeText', { reason: removing?.reason ?? '' })}
      </Confirm>
    </div>
  );
}
