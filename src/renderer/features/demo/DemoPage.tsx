/** Faults of the simulated clusters: what is active, and a table of faults by clusters to start and end them (T3). */
import { useState } from 'react';
import type { ActiveFault, DemoState, FaultKind } from '#shared/contract/demo.ts';
import { engine } from '../../app/engine/client.ts';
import { useAction } from '../../app/engine/hooks.ts';
import { useDemo } from '../../app/engine/sources.ts';
import { changeQuery, useRoute } from '../../app/router.ts';
import { useText } from '../../stores/text.ts';
import { Age } from '../../ui/Age.tsx';
import { Button } from '../../ui/controls.ts';
import { EmptyState, ErrorNotice, Loading } from '../../ui/Feedback.tsx';
import { FilterInput } from '../../ui/FilterInput.tsx';
import { useNotify } from '../../ui/notify.ts';
import { Page, Panel } from '../../ui/Page.tsx';
import { Status, TargetName } from '../../ui/Status.tsx';
import './demo.css';
import { useCases } from './cases.ts';
import { StartDialog } from './StartDialog.tsx';

export default function DemoPage() {
  const { t } = useText();
  const { query } = useRoute();
  const live = useDemo();
  const [starting, setStarting] = useState<{ fault: FaultKind; cluster: string } | null>(null);
  const state = live.data;
  const words = (query['q'] ?? '').toLowerCase();
  const shown = (state?.faults ?? []).filter((fault) =>
    `${fault.id} ${t(`demo.faults.${fault.id}.title`)} ${t(`demo.faults.${fault.id}.does`)}`
      .toLowerCase()
      .includes(words),
  );
  return (
    <Page
      testId="demo-page"
      title={t('demo.title')}
      aside={
        state !== undefined && (
          <Status level={state.active.length > 0 ? 'warning' : 'ok'} testId="demo-count">
            {t('demo.activeCount', { count: state.active.length })}
          </Status>
        )
      }
      toolbar={
        <>
          <FilterInput value={query['q'] ?? ''} onChange={(q) => changeQuery({ q })} placeholder={t('demo.filter')} />
          <span className="muted">{t('demo.about')}</span>
        </>
      }
    >
      <div className="stack">
        {live.error !== null && <ErrorNotice error={live.error} level="warning" />}
        {state === undefined ? (
          live.error === null && <Loading rows={10} />
        ) : (
          <>
            <ActivePanel active={state.active} />
            <Panel flush testId="demo-faults">
              {shown.length === 0 ? (
                <EmptyState title={t('demo.noMatch')} />
              ) : (
                <Faults state={state} shown={shown} onStart={(fault, cluster) => setStarting({ fault, cluster })} />
              )}
            </Panel>
          </>
        )}
      </div>
      {starting !== null && (
        <StartDialog
          key={`${starting.cluster}/${starting.fault.id}`}
          fault={starting.fault}
          cluster={starting.cluster}
          onClose={() => setStarting(null)}
        />
      )}
    </Page>
  );
}

function ActivePanel({ active }: { active: readonly ActiveFault[] }) {
  const { t, dateTime } = useText();
  const titleOfCase = useCases(active.some(({ fault }) => fault === 'case'));
  const end = useAction(async (ids: readonly string[]) => {
    for (const id of ids) await engine.demo.stopFault.mutate({ id });
  });
  return (
    <Panel
      testId="demo-active"
      title={t('demo.active')}
      flush={active.length > 0}
      extra={
        active.length > 1 && (
          <Button
            size="small"
            loading={end.pending}
            onClick={() => void end.run(active.map(({ id }) => id))}
            data-testid="demo-stop-all"
          >
            {t('demo.stopAll')}
          </Button>
        )
      }
    >
      {end.error !== null && <ErrorNotice error={end.error} onClose={end.reset} />}
      {active.length === 0 ? (
        <Status level="ok">{t('demo.noneActive')}</Status>
      ) : (
        <table className="demo-table">
          <tbody>
            {active.map((fault) => (
              <tr key={fault.id} data-testid="demo-active-row" data-fault={fault.fault} data-cluster={fault.cluster}>
                <td>
                  <TargetName name={fault.cluster} />
                </td>
                <td className="strong">{t(`demo.faults.${fault.fault}.title`)}</td>
                <td className="demo-wrap">
                  {fault.fault === 'case' && <div>{titleOfCase(fault.target ?? '')}</div>}
                  <span className={fault.fault === 'case' ? 'muted' : undefined}>
                    {fault.target ?? t('demo.wholeCluster')}
                  </span>
                </td>
                <td className="muted">
                  {Object.entries(fault.values)
                    .map(([name, value]) => `${name}=${value}`)
                    .join(' ')}
                </td>
                <td className="nowrap">
                  {t('demo.since')} <Age since={fault.since} />
                </td>
                <td className="muted">
                  {fault.by === 'annotation'
                    ? t('demo.byAnnotation')
                    : fault.until === null
                      ? t('demo.untilEnded')
                      : t('demo.until', { time: dateTime(fault.until) })}
                </td>
                <td className="demo-action">
                  <Button
                    size="small"
                    disabled={end.pending}
                    onClick={() => void end.run([fault.id])}
                    data-testid="demo-end"
                  >
                    {t('demo.stop')}
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

function Faults({
  state,
  shown,
  onStart,
}: {
  state: DemoState;
  shown: readonly FaultKind[];
  onStart: (fault: FaultKind, cluster: string) => void;
}) {
  const { t } = useText();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table is scrolled with the keyboard as well.
    <section className="demo-scroll" tabIndex={0} aria-label={t('demo.fault')}>
      <table className="demo-table">
        <thead>
          <tr>
            <th scope="col">{t('demo.fault')}</th>
            <th scope="col">{t('demo.does')}</th>
            <th scope="col">{t('demo.see')}</th>
            {state.clusters.map((cluster) => (
              <th scope="col" key={cluster}>
                <TargetName name={cluster} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((fault) => (
            <tr key={fault.id} data-testid="demo-fault" data-fault={fault.id}>
              <th scope="row">
                <div className="strong">{t(`demo.faults.${fault.id}.title`)}</div>
                <div className="muted">{t(`demo.scopes.${fault.scope}`)}</div>
              </th>
              <td className="demo-wrap">{t(`demo.faults.${fault.id}.does`)}</td>
              <td className="demo-wrap muted">{t(`demo.faults.${fault.id}.see`)}</td>
              {state.clusters.map((cluster) => (
                <td key={cluster} className="demo-action">
                  <Cell
                    fault={fault}
                    cluster={cluster}
                    active={state.active.filter((one) => one.cluster === cluster && one.fault === fault.id)}
                    onStart={() => onStart(fault, cluster)}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** One fault on one cluster: start it, or end what of it is active there. */
function Cell({
  fault,
  cluster,
  active,
  onStart,
}: {
  fault: FaultKind;
  cluster: string;
  active: readonly ActiveFault[];
  onStart: () => void;
}) {
  const { t } = useText();
  const notify = useNotify();
  const title = t(`demo.faults.${fault.id}.title`);
  const end = useAction(async () => {
    for (const { id } of active) await engine.demo.stopFault.mutate({ id });
    notify.success(t('demo.stopped', { fault: title, cluster }));
  });
  const since = active[0]?.since;
  if (since === undefined) {
    return (
      <Button
        size="small"
        onClick={onStart}
        aria-label={t('demo.startOn', { fault: title, cluster })}
        data-testid="demo-start"
        data-cluster={cluster}
      >
        {t('demo.start')}
      </Button>
    );
  }
  return (
    <div className="demo-cell">
      <Status
        level={end.error === null ? 'warning' : 'error'}
        {...(end.error === null ? {} : { title: end.error.message })}
      >
        <Age since={since} />
      </Status>
      <Button
        size="small"
        type="primary"
        loading={end.pending}
        onClick={() => void end.run()}
        aria-label={t('demo.stopOn', { fault: title, cluster })}
        data-testid="demo-stop"
        data-cluster={cluster}
      >
        {t('demo.stop')}
      </Button>
    </div>
  );
}
