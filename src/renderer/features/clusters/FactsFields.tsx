/** What was detected of a cluster and a person may know better (feature R1): type, provider, region, zones. */
import { useState } from 'react';
import type { ClusterType } from '#shared/contract/clusters.ts';
import { clusters as texts } from '#shared/i18n/en/clusters.ts';
import { useText } from '../../stores/text.ts';
import { AutoComplete, Input, Select } from '../../ui/controls.ts';
import { Field } from '../../ui/Field.tsx';

/** Those of `RegisterInput` and `clusters.update`, with their limits. */
export interface ClusterFacts {
  type: ClusterType;
  provider: string;
  region: string;
  zones: string[];
}

export interface FactsFieldsProps {
  facts: ClusterFacts;
  disabled?: boolean;
  onChange: (change: Partial<ClusterFacts>) => void;
}

export function FactsFields({ facts, disabled = false, onChange }: FactsFieldsProps) {
  const { t } = useText();
  return (
    <div className="form-grid" data-testid="cluster-facts">
      <Field label={t('clusters.columns.type')}>
        <Select
          value={facts.type}
          disabled={disabled}
          onChange={(type) => onChange({ type })}
          options={(['cloud', 'local', 'thirdParty'] as const).map((type) => ({
            value: type,
            label: t(`clusters.types.${type}`),
          }))}
        />
      </Field>
      <ProviderField provider={facts.provider} disabled={disabled} onChange={(provider) => onChange({ provider })} />
      <Field label={t('clusters.columns.region')}>
        <Input
          value={facts.region}
          maxLength={63}
          disabled={disabled}
          onChange={(event) => onChange({ region: event.target.value })}
        />
      </Field>
      <Field label={t('clusters.detail.zones')} help={t('clusters.detail.zonesHelp')}>
        <Select
          mode="tags"
          open={false}
          suffixIcon={null}
          value={facts.zones}
          disabled={disabled}
          tokenSeparators={[',', ' ']}
          onChange={(zones: string[]) =>
            onChange({
              zones: zones
                .map((zone) => zone.trim().slice(0, 63))
                .filter((zone) => zone !== '')
                .slice(0, 16),
            })
          }
        />
      </Field>
    </div>
  );
}

/** The providers known by name, or any other in the person's own words. */
function ProviderField({
  provider: id,
  disabled,
  onChange,
}: {
  provider: string;
  disabled: boolean;
  onChange: (id: string) => void;
}) {
  const { t, provider } = useText();
  const [typed, setTyped] = useState<string | null>(null);
  const known = Object.keys(texts.providers).map((value) => ({ id: value, value: provider(value) }));
  return (
    <Field label={t('clusters.columns.provider')}>
      <AutoComplete
        value={typed ?? provider(id)}
        disabled={disabled}
        options={known.map(({ value }) => ({ value }))}
        showSearch={{
          filterOption: (_text, option) =>
            typed === null ||
            known.some(
              (each) =>
                each.value === option?.value &&
                `${each.value} ${each.id}`.toLowerCase().includes(typed.trim().toLowerCase()),
            ),
        }}
        onChange={(text: string) => {
          setTyped(text);
          onChange(known.find(({ value }) => value === text)?.id ?? text.trim().slice(0, 63));
        }}
        onBlur={() => setTyped(null)}
      />
    </Field>
  );
}
