/** An exemption: what it covers, why, and until when. Opened from a finding with what that finding is about. */
import { useState } from 'react';
import { engine } from '../../app/engine/client.ts';
import { queries, useAction } from '../../app/engine/hooks.ts';
import { useClusters } from '../../app/engine/sources.ts';
import { useText } from '../../stores/text.ts';
import { Confirm } from '../../ui/Confirm.tsx';
import { Input, Select } from '../../ui/controls.ts';
import { Field } from '../../ui/Field.tsx';
import { useNotify } from '../../ui/notify.ts';
import { useRules } from './rules.ts';

export interface Covered {
  rules: string[];
  clusters: string[];
  namespaces: string[];
  kinds: string[];
  names: string[];
  labels: string[];
}

const NOTHING: Covered = { rules: [], clusters: [], namespaces: [], kinds: [], names: [], labels: [] };

export function ExemptDialog({ covered, onClose }: { covered: Partial<Covered> | null; onClose: () => void }) {
  return covered === null ? null : <Dialog covered={{ ...NOTHING, ...covered }} onClose={onClose} />;
}

function Dialog({ covered, onClose }: { covered: Covered; onClose: () => void }) {
  const { t } = useText();
  const notify = useNotify();
  const { list, texts } = useRules();
  const clusters = useClusters().data ?? [];
  const [draft, setDraft] = useState(covered);
  const boundless = Object.values(draft).every(({ length }) => length === 0);
  const [reason, setReason] = useState('');
  const [until, setUntil] = useState('');
  const add = useAction(() =>
    engine.inspection.addExemption.mutate({
      ...draft,
      reason,
      // To the end of that day, where the person is.
      until: until === '' ? null : new Date(`${until}T23:59:59`).toISOString(),
    }),
  );
  const words = (key: 'namespaces' | 'kinds' | 'names' | 'labels', help?: string) => (
    <Field label={t(`inspection.exempt.${key}`)} help={help}>
      <Select
        mode="tags"
        value={draft[key]}
        placeholder={t('inspection.exempt.any')}
        tokenSeparators={[',', ' ']}
        open={false}
        suffixIcon={null}
        onChange={(values: string[]) => setDraft({ ...draft, [key]: values })}
      />
    </Field>
  );
  return (
    <Confirm
      open
      title={t('inspection.exempt.title')}
      action={t('inspection.exempt.action')}
      pending={add.pending}
      error={add.error}
      disabled={reason.trim() === '' || boundless}
      onCancel={onClose}
      onConfirm={() =>
        void add.run().then((done) => {
          if (done === null) return;
          notify.success(t('inspection.exempt.added'));
          void queries.invalidateQueries({ queryKey: ['inspection'] });
          onClose();
        })
      }
    >
      <div className="stack">
        <span className="muted">{t('inspection.exempt.text')}</span>
        <Field label={t('inspection.exempt.reason')} help={t('inspection.exempt.reasonHelp')} required>
          <Input
            autoFocus
            value={reason}
            maxLength={500}
            onChange={(event) => setReason(event.target.value)}
            data-testid="exempt-reason"
          />
        </Field>
        <Field label={t('inspection.exempt.until')} help={t('inspection.exempt.untilHelp')}>
          <Input
            type="date"
            min={new Intl.DateTimeFormat('sv').format()}
            value={until}
            onChange={(event) => setUntil(event.target.value)}
            data-testid="exempt-until"
          />
        </Field>
        <Field label={t('inspection.exempt.rules')} help={boundless ? t('inspection.exempt.boundless') : undefined}>
          <Select
            mode="multiple"
            value={draft.rules}
            placeholder={t('inspection.exempt.any')}
            optionFilterProp="label"
            options={list.map(({ id }) => ({ value: id, label: texts(id).title }))}
            onChange={(rules) => setDraft({ ...draft, rules })}
          />
        </Field>
        <Field label={t('inspection.exempt.clusters')}>
          <Select
            mode="multiple"
            value={draft.clusters}
            placeholder={t('inspection.exempt.any')}
            options={clusters.map(({ name }) => ({ value: name, label: name }))}
            onChange={(chosen) => setDraft({ ...draft, clusters: chosen })}
          />
        </Field>
        <div className="field-pair">
          {words('namespaces')}
          {words('kinds')}
        </div>
        {words('names', t('inspection.exempt.namesHelp'))}
        {words('labels', t('inspection.exempt.labelsHelp'))}
      </div>
    </Confirm>
  );
}
