/** Asks what a fault needs before it starts: target, parameters, duration. */
import { useState } from 'react';
import type { FaultKind, FaultParameter, FaultValues } from '#shared/contract/demo.ts';
import { engine } from '../../app/engine/client.ts';
import { useAction, useRead } from '../../app/engine/hooks.ts';
import { useText } from '../../stores/text.ts';
import { Confirm } from '../../ui/Confirm.tsx';
import { InputNumber, Select } from '../../ui/controls.ts';
import { Field } from '../../ui/Field.tsx';
import { useNotify } from '../../ui/notify.ts';
import { useCases } from './cases.ts';

const DURATIONS = ['none', '60', '300', '1800'] as const;
type Duration = (typeof DURATIONS)[number];

export function StartDialog({ fault, cluster, onClose }: { fault: FaultKind; cluster: string; onClose: () => void }) {
  const { t } = useText();
  const notify = useNotify();
  const [target, setTarget] = useState<string | undefined>(undefined);
  const [duration, setDuration] = useState<Duration>('none');
  const [values, setValues] = useState<FaultValues>(() =>
    Object.fromEntries(fault.parameters.map(({ name, initial }) => [name, initial])),
  );
  const { aimed } = fault;
  const targets = useRead(aimed ? ['demo', 'targets', cluster, fault.id] : null, (signal) =>
    engine.demo.targets.query({ cluster, fault: fault.id }, { signal }),
  );
  const initial = targets.data?.initial ?? (targets.data === undefined ? undefined : t('demo.wholeCluster'));
  const titleOfCase = useCases(fault.scope === 'case');
  const title = t(`demo.faults.${fault.id}.title`);
  const start = useAction(() =>
    engine.demo.startFault.mutate({
      fault: fault.id,
      cluster,
      values,
      ...(target === undefined ? {} : { target }),
      ...(duration === 'none' ? {} : { forSeconds: Number(duration) }),
    }),
  );
  return (
    <Confirm
      open
      title={t('demo.startTitle', { fault: title })}
      action={t('demo.start')}
      pending={start.pending}
      error={start.error ?? targets.error}
      onCancel={onClose}
      onConfirm={() =>
        void start.run().then((done) => {
          if (done === null) return;
          onClose();
          notify.success(t('demo.started', { fault: title, cluster }));
        })
      }
    >
      <div className="stack">
        <p>{t(`demo.faults.${fault.id}.does`)}</p>
        <p className="muted">{t(`demo.faults.${fault.id}.see`)}</p>
        {aimed && (
          <Field label={t('demo.target')} help={initial === undefined ? undefined : t('demo.targetHelp', { initial })}>
            <Select
              showSearch={{ optionFilterProp: 'label' }}
              allowClear
              value={target}
              loading={targets.loading}
              onChange={(chosen: string | undefined) => setTarget(chosen)}
              options={(targets.data?.targets ?? []).map((value) => ({
                value,
                label: fault.scope === 'case' ? `${value} ${titleOfCase(value)}` : value,
              }))}
              data-testid="demo-target"
            />
          </Field>
        )}
        {fault.parameters.map((parameter) => (
          <Parameter
            key={parameter.name}
            parameter={parameter}
            value={values[parameter.name] ?? parameter.initial}
            onChange={(value) => setValues({ ...values, [parameter.name]: value })}
          />
        ))}
        <Field label={t('demo.duration')}>
          <Select
            value={duration}
            onChange={(chosen: Duration) => setDuration(chosen)}
            options={DURATIONS.map((value) => ({ value, label: t(`demo.durations.${value}`) }))}
            data-testid="demo-duration"
          />
        </Field>
      </div>
    </Confirm>
  );
}

function Parameter({
  parameter,
  value,
  onChange,
}: {
  parameter: FaultParameter;
  value: number | string;
  onChange: (value: number | string) => void;
}) {
  const { t } = useText();
  const label = t(`demo.parameters.${parameter.name}`);
  if (parameter.type === 'choice') {
    return (
      <Field label={label}>
        <Select
          value={String(value)}
          onChange={(chosen: string) => onChange(chosen)}
          options={parameter.choices.map((choice) => ({ value: choice as string, label: t(`demo.choices.${choice}`) }))}
        />
      </Field>
    );
  }
  return (
    <Field label={label}>
      <InputNumber<number>
        value={Number(value)}
        min={parameter.min}
        max={parameter.max}
        suffix={t(`demo.units.${parameter.unit}`)}
        onChange={(number) => onChange(number ?? parameter.initial)}
      />
    </Field>
  );
}
