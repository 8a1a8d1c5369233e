/** A schedule as the manual asks for it: what, when, and the person's consent to being read regularly. */
import { useMemo, useState } from 'react';
import type { InspectionSchedule, InspectionScope } from '#shared/contract/inspection.ts';
import { engine } from '../../app/engine/client.ts';
import { useAction } from '../../app/engine/hooks.ts';
import { useText } from '../../stores/text.ts';
import { Confirm } from '../../ui/Confirm.tsx';
import { Checkbox, Input, Select } from '../../ui/controls.ts';
import { Field } from '../../ui/Field.tsx';
import { ScopeSelect } from './ScopeSelect.tsx';

const presets = { daily: '0 6 * * *', weekdays: '0 6 * * 1-5', weekly: '0 6 * * 1', monthly: '0 6 1 * *' } as const;

const here = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

export function ScheduleDialog({
  open,
  schedule,
  onClose,
}: {
  open: boolean;
  schedule: InspectionSchedule | null;
  onClose: () => void;
}) {
  const { t } = useText();
  const [scope, setScope] = useState<InspectionScope | null>(schedule?.scope ?? null);
  const [cron, setCron] = useState<string>(schedule?.cron ?? presets.daily);
  const [timeZone, setTimeZone] = useState(schedule?.timeZone ?? here());
  const [understood, setUnderstood] = useState(schedule !== null);
  const zones = useMemo(() => {
    const all = new Set([here(), 'UTC', ...Intl.supportedValuesOf('timeZone')]);
    return [...all].map((zone) => ({ value: zone, label: zone }));
  }, []);
  const save = useAction((what: InspectionScope) =>
    engine.inspection.saveSchedule.mutate({
      ...(schedule === null ? {} : { id: schedule.id }),
      scope: what,
      cron,
      timeZone,
      enabled: schedule?.enabled ?? true,
    }),
  );
  const preset = (Object.keys(presets) as (keyof typeof presets)[]).find((name) => presets[name] === cron);
  const wrongCron = save.error?.code === 'INVALID' && save.error.params?.['field'] === 'cron';
  return (
    <Confirm
      open={open}
      title={schedule === null ? t('inspection.schedule.add') : t('inspection.schedule.edit')}
      action={t('inspection.schedule.save')}
      pending={save.pending}
      error={wrongCron ? null : save.error}
      disabled={scope === null || cron.trim() === '' || !understood}
      onCancel={() => {
        save.reset();
        onClose();
      }}
      onConfirm={() => scope !== null && void save.run(scope).then((done) => done !== null && onClose())}
    >
      <div className="stack wide">
        <Field label={t('inspection.start.what')} required>
          <ScopeSelect value={scope} onChange={setScope} />
        </Field>
        <Select
          value={preset ?? ''}
          aria-label={t('inspection.columns.cron')}
          onChange={(name: string) => name in presets && setCron(presets[name as keyof typeof presets])}
          options={[
            ...(Object.keys(presets) as (keyof typeof presets)[]).map((name) => ({
              value: name as string,
              label: t(`inspection.schedule.presets.${name}`),
            })),
            ...(preset === undefined ? [{ value: '', label: t('inspection.schedule.presets.other') }] : []),
          ]}
        />
        <Field
          label={t('inspection.schedule.cron')}
          help={t('inspection.schedule.cronHelp')}
          error={wrongCron ? save.error?.message : undefined}
          required
        >
          <Input
            className="mono"
            value={cron}
            maxLength={120}
            onChange={(event) => {
              setCron(event.target.value);
              save.reset();
            }}
            data-testid="schedule-cron"
          />
        </Field>
        <Field label={t('inspection.schedule.timeZone')}>
          <Select showSearch value={timeZone} options={zones} onChange={setTimeZone} data-testid="schedule-zone" />
        </Field>
        <Checkbox
          checked={understood}
          onChange={(event) => setUnderstood(event.target.checked)}
          data-testid="schedule-understood"
        >
          {t('inspection.schedule.understood')}
        </Checkbox>
        <span className="muted">{t('inspection.schedule.missed')}</span>
      </div>
    </Confirm>
  );
}
