/** One supposed change as a line of controls. */
import { useEffect } from 'react';
import type { FederatedWorkload, Federation } from '#shared/contract/federations.ts';
import { toYaml } from '#shared/kubernetes/yaml-text.ts';
import { engine } from '../../../app/engine/client.ts';
import { useRead } from '../../../app/engine/hooks.ts';
import { useText } from '../../../stores/text.ts';
import { Button, Input, InputNumber, Select } from '../../../ui/controls.ts';
import { ErrorNotice, Loading } from '../../../ui/Feedback.tsx';
import { Field } from '../../../ui/Field.tsx';
import { RemoveIcon } from '../../../ui/icons.ts';
import { PairsEditor } from '../../../ui/PairsEditor.tsx';
import { YamlEditor } from '../../../ui/yaml/Yaml.tsx';
import { policyRef } from '../access.ts';
import { type Supposed, workloadId } from './supposed.ts';

const CLUSTER_KINDS = new Set<Supposed['kind']>(['lost', 'left', 'cordoned', 'labels', 'place', 'capacity']);

export interface SupposedLineProps {
  federation: Federation;
  line: Supposed;
  workloads: readonly FederatedWorkload[];
  policies: readonly string[];
  onChange: (change: Partial<Supposed>) => void;
  onRemove: () => void;
}

export function SupposedLine({ federation, line, workloads, policies, onChange, onRemove }: SupposedLineProps) {
  const { t } = useText();
  const { kind } = line;
  const clusters = federation.members.map(({ name }) => ({ value: name, label: name }));
  const cluster = (label: 'cluster' | 'like') => (
    <Field label={t(`whatIf.fields.${label}`)}>
      <Select
        value={line.cluster}
        options={clusters}
        onChange={(value) => onChange({ cluster: value })}
        data-testid="supposed-cluster"
      />
    </Field>
  );
  return (
    <div className="supposed" data-testid={`supposed-${kind}`}>
      <span className="supposed-kind">{t(`whatIf.kinds.${kind}`)}</span>
      {kind === 'join' && (
        <>
          <Field label={t('whatIf.fields.name')}>
            <Input value={line.name} onChange={(event) => onChange({ name: event.target.value })} />
          </Field>
          {cluster('like')}
        </>
      )}
      {CLUSTER_KINDS.has(kind) && cluster('cluster')}
      {(kind === 'place' || kind === 'join') && (
        <Field label={t('whatIf.fields.region')}>
          <Input value={line.region} onChange={(event) => onChange({ region: event.target.value })} />
        </Field>
      )}
      {kind === 'capacity' && (
        <Field label={t('whatIf.fields.capacity')}>
          <InputNumber
            min={0}
            max={10_000}
            value={line.percent ?? null}
            suffix="%"
            onChange={(value) => onChange({ percent: value ?? undefined })}
            data-testid="supposed-percent"
          />
        </Field>
      )}
      {(kind === 'policy' || kind === 'deletePolicy') && (
        <Field label={t('whatIf.fields.policy')}>
          <Select
            showSearch
            value={line.policy}
            options={policies.map((key) => ({ value: key, label: key }))}
            onChange={(value) => onChange({ policy: value, yaml: undefined })}
            data-testid="supposed-policy-key"
          />
        </Field>
      )}
      {(kind === 'scale' || kind === 'deleteTemplate') && (
        <Field label={t('whatIf.fields.workload')}>
          <Select
            showSearch
            value={line.workload}
            popupMatchSelectWidth={false}
            options={workloads
              .filter(({ replicas }) => kind === 'deleteTemplate' || replicas !== null)
              .map((workload) => ({ value: workloadId(workload), label: workloadId(workload) }))}
            onChange={(value) => {
              const chosen = workloads.find((workload) => workloadId(workload) === value);
              onChange({ workload: value, replicas: chosen?.replicas ?? undefined });
            }}
            data-testid="supposed-workload"
          />
        </Field>
      )}
      {kind === 'scale' && (
        <Field label={t('whatIf.fields.replicas')}>
          <InputNumber
            min={0}
            max={100_000}
            precision={0}
            value={line.replicas ?? null}
            onChange={(value) => onChange({ replicas: value ?? undefined })}
            data-testid="supposed-replicas"
          />
        </Field>
      )}
      {kind === 'rebalance' && <span className="muted grow">{t('whatIf.rebalanceHelp')}</span>}
      <Button
        type="text"
        icon={<RemoveIcon />}
        aria-label={`${t('common.remove')}: ${t(`whatIf.kinds.${kind}`)}`}
        onClick={onRemove}
      />
      {(kind === 'labels' || kind === 'join') && (
        <div className="supposed-wide">
          <PairsEditor
            label={t('whatIf.fields.labels')}
            pairs={line.labels ?? []}
            onChange={(labels) => onChange({ labels })}
            addLabel={t('whatIf.addLabel')}
            keyLabel={t('wizard.key')}
            valueLabel={t('wizard.value')}
            testId="supposed-labels"
          />
        </div>
      )}
      {kind === 'policy' && line.policy !== undefined && (
        <PolicyText
          federation={federation}
          policy={line.policy}
          text={line.yaml}
          onText={(yaml) => onChange({ yaml })}
        />
      )}
    </div>
  );
}

function PolicyText({
  federation,
  policy,
  text,
  onText,
}: {
  federation: Federation;
  policy: string;
  text: string | undefined;
  onText: (text: string) => void;
}) {
  const { t } = useText();
  const ref = policyRef(federation, policy);
  const read = useRead(['supposed-policy', federation.id, policy], () => engine.resources.get.query(ref));
  const original = read.data;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text is taken once, then it is the person's.
  useEffect(() => {
    if (original === undefined || text !== undefined) return;
    const { apiVersion, kind, metadata, spec } = original;
    onText(toYaml({ apiVersion, kind, metadata: { name: metadata.name, namespace: metadata.namespace }, spec }));
  }, [original, text === undefined]);
  return (
    <div className="supposed-wide">
      {read.error !== null && <ErrorNotice error={read.error} onRetry={read.again} />}
      {text === undefined ? (
        read.error === null && <Loading rows={4} />
      ) : (
        <YamlEditor label={t('whatIf.fields.policy')} value={text} onChange={onText} height={260} />
      )}
    </div>
  );
}
