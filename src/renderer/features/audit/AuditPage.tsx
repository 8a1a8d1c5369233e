/** The audit log (feature O3): newest first, filtered by the engine, read on in pages; its chain verified on demand. */
import { useEffect, useMemo, useState } from 'react';
import type { AuditRecord } from '#shared/contract/audit.ts';
import { engine } from '../../app/engine/client.ts';
import { useAction, useRead } from '../../app/engine/hooks.ts';
import { changeQuery, useRoute } from '../../app/router.ts';
import { useText } from '../../stores/text.ts';
import { Age } from '../../ui/Age.tsx';
import { Alert, Button, Drawer } from '../../ui/controls.ts';
import { EmptyState, ErrorNotice, Loading } from '../../ui/Feedback.tsx';
import { FilterInput } from '../../ui/FilterInput.tsx';
import { DataGrid } from '../../ui/grid/DataGrid.tsx';
import type { GridColumn } from '../../ui/grid/types.ts';
import { AuditIcon, ReloadIcon } from '../../ui/icons.ts';
import { Facts, Page } from '../../ui/Page.tsx';
import { type Level, Status } from '../../ui/Status.tsx';

const PAGE = 200;
const levels: Record<AuditRecord['result'], Level> = { started: 'progressing', succeeded: 'ok', failed: 'error' };

export default function AuditPage() {
  const { t, number, dateTime } = useText();
  const { query } = useRoute();
  const filter = query['q'] ?? '';
  const [older, setOlder] = useState<readonly AuditRecord[]>([]);
  const first = useRead(['audit', filter], (signal) => engine.audit.list.query({ filter, limit: PAGE }, { signal }));
  const more = useAction((before: number) => engine.audit.list.query({ filter, before, limit: PAGE }));
  const verify = useAction(() => engine.audit.verify.query());
  const [verified, setVerified] = useState<Awaited<ReturnType<typeof engine.audit.verify.query>> | null>(null);
  const [open, setOpen] = useState<AuditRecord | null>(null);
  const records = useMemo(() => [...(first.data ?? []), ...older], [first.data, older]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was read on belongs to the filter it was read with.
  useEffect(() => setOlder([]), [filter, first.data]);
  async function runVerify() {
    const done = await verify.run();
    if (done !== null) setVerified(done.value);
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked for by the address, once.
  useEffect(() => {
    if (query['verify'] === '1') {
      changeQuery({ verify: undefined });
      void runVerify();
    }
  }, [query['verify']]);
  const columns = useMemo(
    (): GridColumn<AuditRecord>[] => [
      {
        id: 'seq',
        title: t('audit.columns.seq'),
        width: 70,
        grow: 0,
        align: 'right',
        cell: ({ seq }) => <span>{number(seq)}</span>,
      },
      {
        id: 'time',
        title: t('audit.columns.time'),
        width: 180,
        grow: 0,
        cell: ({ time }) => <span>{dateTime(time)}</span>,
      },
      { id: 'age', title: t('columns.age'), width: 74, grow: 0, cell: ({ time }) => <Age since={time} /> },
      {
        id: 'operator',
        title: t('audit.columns.operator'),
        width: 100,
        grow: 0,
        cell: ({ operator }) => <span>{operator}</span>,
      },
      {
        id: 'action',
        title: t('audit.columns.action'),
        width: 190,
        grow: 0,
        cell: ({ action }) => <code>{action}</code>,
      },
      {
        id: 'result',
        title: t('audit.columns.result'),
        width: 100,
        grow: 0,
        cell: ({ result }) => <Status level={levels[result]}>{t(`audit.results.${result}`)}</Status>,
      },
      {
        id: 'duration',
        title: t('audit.columns.duration'),
        width: 90,
        grow: 0,
        align: 'right',
        cell: ({ durationMs }) =>
          durationMs !== null && (
            <span>{t('common.units.milliseconds', { value: number(Math.round(durationMs)) })}</span>
          ),
      },
      {
        id: 'request',
        title: t('audit.columns.request'),
        width: 240,
        grow: 1,
        cell: ({ request }) => <code className="ellipsis">{request}</code>,
      },
    ],
    [t, number, dateTime],
  );
  const last = records.at(-1);
  const mayHaveMore = last !== undefined && records.length % PAGE === 0 && last.seq > 1;
  return (
    <Page
      testId="audit-page"
      title={t('audit.title')}
      aside={first.data !== undefined && <span className="muted">{t('common.total', { count: records.length })}</span>}
      actions={
        <>
          <Button icon={<ReloadIcon />} onClick={first.again} loading={first.loading} aria-label={t('common.reload')} />
          <Button type="primary" loading={verify.pending} onClick={() => void runVerify()} data-testid="audit-verify">
            {t('audit.verify')}
          </Button>
        </>
      }
      toolbar={<FilterInput value={filter} onChange={(q) => changeQuery({ q })} placeholder={t('audit.filter')} />}
      body="fill"
    >
      <div className="stack fill-column">
        {verify.error !== null && <ErrorNotice error={verify.error} onClose={verify.reset} />}
        {verified !== null && (
          <Alert
            type={verified.ok ? 'success' : 'error'}
            showIcon
            closable={{ onClose: () => setVerified(null), 'aria-label': t('common.close') }}
            data-testid="audit-verified"
            title={
              verified.ok
                ? t('audit.verified', { count: verified.records })
                : t('audit.broken', { seq: verified.brokenAt ?? 0 })
            }
            {...(verified.ok ? {} : { description: `${t('audit.brokenHint')} ${verified.problem ?? ''}` })}
          />
        )}
        {first.error !== null && <ErrorNotice error={first.error} onRetry={first.again} />}
        {first.data === undefined ? (
          first.error === null && <Loading rows={8} />
        ) : records.length === 0 && filter === '' ? (
          <EmptyState icon={<AuditIcon />} title={t('audit.empty.title')} hint={t('audit.empty.hint')} />
        ) : (
          <DataGrid
            label={t('audit.title')}
            testId="audit-grid"
            columns={columns}
            rows={records}
            rowKey={(record) => String(record.seq)}
            openKey={open === null ? undefined : String(open.seq)}
            onOpen={setOpen}
            empty={<EmptyState title={t('audit.noneMatch')} />}
          />
        )}
        {more.error !== null && <ErrorNotice error={more.error} />}
        {mayHaveMore && (
          <div className="row">
            <Button
              loading={more.pending}
              onClick={() =>
                void more.run(last.seq).then((done) => done !== null && setOlder([...older, ...done.value]))
              }
            >
              {t('audit.older')}
            </Button>
          </div>
        )}
      </div>
      <Drawer
        open={open !== null}
        onClose={() => setOpen(null)}
        size={620}
        destroyOnHidden
        title={t('audit.detail', { seq: open?.seq ?? 0 })}
      >
        {open !== null && (
          <div className="stack wide">
            <Facts
              facts={[
                { label: t('audit.columns.time'), value: dateTime(open.time) },
                { label: t('audit.columns.operator'), value: open.operator },
                { label: t('audit.columns.action'), value: <code>{open.action}</code> },
                {
                  label: t('audit.columns.result'),
                  value: <Status level={levels[open.result]}>{t(`audit.results.${open.result}`)}</Status>,
                },
              ]}
            />
            {open.error !== null && <ErrorNotice error={open.error} />}
            <pre className="record">{pretty(open.request)}</pre>
          </div>
        )}
      </Drawer>
    </Page>
  );
}

function pretty(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}
