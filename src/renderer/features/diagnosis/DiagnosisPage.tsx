/** Choose what to diagnose; below it, what was diagnosed before. */
import { useState } from 'react';
import type { DiagnosisKind, DiagnosisSummary } from '#shared/contract/diagnosis.ts';
import { DIAGNOSIS_KINDS } from '#shared/diagnosis.ts';
import { diagnosisRoute, isDiagnosable, parseDiagnosisTarget } from '../../app/diagnosis-links.ts';
import { engine } from '../../app/engine/client.ts';
import { useRead } from '../../app/engine/hooks.ts';
import { commonKinds } from '../../app/kinds.ts';
import { changeQuery, navigate, useRoute } from '../../app/router.ts';
import { useTargetEntries } from '../../app/target-entries.ts';
import { useTargets } from '../../stores/targets.ts';
import { useText } from '../../stores/text.ts';
import { Age } from '../../ui/Age.tsx';
import { Select } from '../../ui/controls.ts';
import { EmptyState, ErrorNotice, Loading } from '../../ui/Feedback.tsx';
import { DataGrid } from '../../ui/grid/DataGrid.tsx';
import type { GridColumn } from '../../ui/grid/types.ts';
import { DiagnosisIcon } from '../../ui/icons.ts';
import { Page } from '../../ui/Page.tsx';
import { Status, TargetName } from '../../ui/Status.tsx';
import { useView } from '../resources/use-view.ts';
import './diagnosis.css';
import { placeText, Verdict } from './look.tsx';
import { RunPage } from './RunPage.tsx';

export default function DiagnosisPage({ tab }: { tab: string | undefined }) {
  const route = useRoute();
  const target = tab === 'run' ? parseDiagnosisTarget(route) : null;
  return target === null ? <Start /> : <RunPage target={target} key={JSON.stringify(target)} />;
}

function Start() {
  const { t } = useText();
  const read = useRead(['diagnosis', 'history'], (signal) =>
    engine.diagnosis.history.query({ limit: 200 }, { signal }),
  );
  return (
    <Page testId="diagnosis-page" title={t('diagnosis.title')} body="fill" toolbar={<Chooser />}>
      <p className="muted diagnosis-about">{t('diagnosis.about')}</p>
      {read.error !== null && <ErrorNotice error={read.error} onRetry={read.again} />}
      {read.data === undefined ? (
        read.error === null && <Loading rows={8} />
      ) : read.data.length === 0 ? (
        <EmptyState icon={<DiagnosisIcon />} title={t('diagnosis.none')} hint={t('diagnosis.noneHint')} />
      ) : (
        <History runs={read.data} />
      )}
    </Page>
  );
}

function Chooser() {
  const { t } = useText();
  const { query } = useRoute();
  const entries = useTargetEntries().filter(({ target, enterable }) => target.kind === 'cluster' && enterable);
  const kind: DiagnosisKind = isDiagnosable(query['kind'] ?? '') ? (query['kind'] as DiagnosisKind) : 'Pod';
  // The cluster one works on, unless the address names another.
  const chosen = useTargets((state) => state.targets);
  const wanted = query['cluster'] ?? chosen.find((target) => target.kind === 'cluster')?.id;
  const clusterId = (entries.find(({ target }) => target.id === wanted) ?? entries[0])?.target.id;
  return (
    <>
      <Select
        value={clusterId ?? null}
        onChange={(cluster: string) => changeQuery({ cluster })}
        options={entries.map(({ target, name }) => ({ value: target.id, label: <TargetName name={name} /> }))}
        placeholder={t('diagnosis.chooseCluster')}
        aria-label={t('diagnosis.cluster')}
        style={{ minWidth: 180 }}
        data-testid="diagnosis-cluster"
      />
      <Select
        value={kind}
        onChange={(chosen: string) => changeQuery({ kind: chosen })}
        options={DIAGNOSIS_KINDS.map((one) => ({ value: one, label: one }))}
        aria-label={t('diagnosis.kind')}
        style={{ minWidth: 210 }}
        data-testid="diagnosis-kind"
      />
      {clusterId !== undefined && <ObjectSelect clusterId={clusterId} kind={kind} key={`${clusterId}/${kind}`} />}
    </>
  );
}

/** What is in trouble stands first. */
const ORDER = { error: 0, warning: 1, progressing: 2, none: 3, ok: 4 } as const;

function ObjectSelect({ clusterId, kind }: { clusterId: string; kind: DiagnosisKind }) {
  const { t } = useText();
  const [filter, setFilter] = useState('');
  const { group, version, resource } = commonKinds.find((one) => one.kind === kind) ?? {
    group: '',
    version: 'v1',
    resource: 'pods',
  };
  const view = useView({
    targets: [{ kind: 'cluster', id: clusterId }],
    resource: { group, version, resource },
    namespaces: [],
    filter,
    sort: { column: 'name', descending: false },
    group: '',
  });
  const rows = [...(view.state?.rows.values() ?? [])].filter((row) => row !== undefined);
  rows.sort(
    (a, b) => ORDER[a.level] - ORDER[b.level] || a.namespace.localeCompare(b.namespace) || a.name.localeCompare(b.name),
  );
  return (
    <Select
      showSearch={{ filterOption: false, onSearch: setFilter }}
      value={null}
      placeholder={t('diagnosis.choose')}
      loading={view.state === null && view.error === null}
      onChange={(_value: unknown, option: unknown) => {
        const { namespace, name } = option as { namespace: string; name: string };
        window.location.hash = diagnosisRoute({ clusterId, kind, namespace, name });
      }}
      options={rows.map(({ key, namespace, name, level }) => ({
        value: key,
        namespace,
        name,
        label: <Status level={level}>{placeText({ kind, namespace, name })}</Status>,
      }))}
      aria-label={t('diagnosis.choose')}
      style={{ minWidth: 360 }}
      data-testid="diagnosis-object"
    />
  );
}

function History({ runs }: { runs: readonly DiagnosisSummary[] }) {
  const { t, language } = useText();
  const columns: GridColumn<DiagnosisSummary>[] = [
    {
      id: 'verdict',
      title: t('diagnosis.result'),
      width: 90,
      grow: 0,
      sortValue: ({ verdict }) => verdict,
      cell: ({ verdict }) => <Verdict verdict={verdict} />,
    },
    {
      id: 'kind',
      title: t('diagnosis.kind'),
      width: 110,
      grow: 0,
      sortValue: ({ object }) => object.kind,
      cell: ({ object }) => object.kind,
    },
    {
      id: 'object',
      title: t('diagnosis.object'),
      width: 200,
      sortValue: ({ object }) => placeText(object),
      cell: ({ object }) => <span title={placeText(object)}>{placeText(object)}</span>,
    },
    {
      id: 'cluster',
      title: t('diagnosis.cluster'),
      width: 140,
      grow: 0,
      sortValue: ({ cluster }) => cluster,
      cell: ({ cluster }) => <TargetName name={cluster} />,
    },
    {
      id: 'conclusion',
      title: t('diagnosis.conclusion'),
      width: 320,
      grow: 3,
      cell: ({ conclusion }) => <span title={conclusion[language]}>{conclusion[language]}</span>,
    },
    {
      id: 'causes',
      title: t('diagnosis.causes'),
      width: 110,
      grow: 0,
      cell: ({ causes }) => <code>{causes.join(', ')}</code>,
    },
    {
      id: 'time',
      title: t('diagnosis.time'),
      width: 80,
      grow: 0,
      sortValue: ({ startedAt }) => -Date.parse(startedAt),
      cell: ({ startedAt }) => <Age since={startedAt} />,
    },
  ];
  return (
    <DataGrid
      label={t('diagnosis.history')}
      testId="diagnosis-history"
      columns={columns}
      rows={runs}
      rowKey={({ id }) => id}
      sort={{ column: 'time', descending: false }}
      onOpen={({ id }) => navigate(['diagnosis', 'report', id])}
    />
  );
}
