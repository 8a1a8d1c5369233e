/** A drill: which member is lost, how, and with what. */
import { useState } from 'react';
import type { Federation } from '#shared/contract/federations.ts';
import { engine } from '../../../app/engine/client.ts';
import { useAction, useRead } from '../../../app/engine/hooks.ts';
import { useWorkloads } from '../../../app/engine/sources.ts';
import { useText } from '../../../stores/text.ts';
import { Button, Checkbox, Drawer, Radio, Select } from '../../../ui/controls.ts';
import { ErrorNotice } from '../../../ui/Feedback.tsx';
import { Field } from '../../../ui/Field.tsx';
import { useFocusBack } from '../../../ui/focus-back.ts';

export function DrillDialog({ federation, onClose }: { federation: Federation; onClose: () => void }) {
  useFocusBack();
  const { t } = useText();
  const cuttable = useRead(['cuttable', federation.id], () =>
    engine.federationRuns.cuttable.query({ id: federation.id }),
  );
  const workloads = useWorkloads(federation.id).data ?? [];
  const [cluster, setCluster] = useState<string | undefined>();
  const [marked, setMarked] = useState(false);
  const [what, setWhat] = useState<'sample' | 'all'>('sample');
  const [guided, setGuided] = useState(true);
  const [quick, setQuick] = useState(true);
  const real = cluster !== undefined && (cuttable.data ?? []).includes(cluster);
  const how = real && !marked ? 'fault' : 'eviction';
  const there = workloads.filter(
    ({ policy, clusters }) =>
      policy !== null && clusters.some(({ name, replicas }) => name === cluster && replicas !== null),
  );
  const start = useAction(() =>
    engine.federationRuns.startDrill.mutate({
      id: federation.id,
      cluster: cluster ?? '',
      how,
      workloads:
        what === 'sample'
          ? []
          : there.map(({ apiVersion, kind, namespace, name }) => ({ apiVersion, kind, namespace, name })),
      guided,
      quick,
    }),
  );
  return (
    <Drawer
      open
      onClose={onClose}
      size={560}
      title={t('runs.dialogs.drill')}
      data-testid="drill-dialog"
      extra={
        <Button
          type="primary"
          disabled={cluster === undefined || (what === 'all' && there.length === 0)}
          loading={start.pending}
          onClick={() => void start.run().then((done) => done !== null && onClose())}
          data-testid="drill-start"
        >
          {t('runs.startDrill')}
        </Button>
      }
    >
      <div className="stack wide">
        {start.error !== null && <ErrorNotice error={start.error} onClose={start.reset} />}
        <Field label={t('runs.cluster')}>
          <Select
            value={cluster}
            placeholder={t('runs.chooseCluster')}
            options={federation.members.map(({ name, ready }) => ({ value: name, label: name, disabled: !ready }))}
            onChange={setCluster}
            data-testid="drill-cluster"
          />
        </Field>
        <Field label={t('runs.how')} help={t(`runs.howHelp.${how}`)}>
          <Radio.Group
            value={how}
            onChange={(event) => setMarked(event.target.value === 'eviction')}
            options={(['fault', 'eviction'] as const).map((value) => ({
              value,
              label: <span data-testid={`drill-${value}`}>{t(`runs.hows.${value}`)}</span>,
              disabled: value === 'fault' && !real,
            }))}
          />
        </Field>
        <Field label={t('runs.what')} help={t(`runs.whatHelp.${what}`)}>
          <Radio.Group
            value={what}
            onChange={(event) => setWhat(event.target.value as 'sample' | 'all')}
            options={(['sample', 'all'] as const).map((value) => ({
              value,
              label: value === 'all' ? `${t('runs.whats.all')} (${there.length})` : t('runs.whats.sample'),
            }))}
          />
        </Field>
        <div>
          <Checkbox checked={guided} onChange={(event) => setGuided(event.target.checked)} data-testid="drill-guided">
            {t('runs.guided')}
          </Checkbox>
          <div className="field-help">{t('runs.guidedHelp')}</div>
        </div>
        {how === 'fault' && (
          <div>
            <Checkbox checked={quick} onChange={(event) => setQuick(event.target.checked)}>
              {t('runs.quick')}
            </Checkbox>
            <div className="field-help">{t('runs.quickHelp')}</div>
          </div>
        )}
      </div>
    </Drawer>
  );
}
