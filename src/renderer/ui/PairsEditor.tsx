/** Lines of key and value: labels, annotations, environment variables. */
import { Button, Input } from 'antd';
import { useText } from '../stores/text.ts';
import { AddIcon, RemoveIcon } from './icons.ts';

export interface KeyValue {
  key: string;
  value: string;
}

export interface PairsEditorProps {
  label: string;
  pairs: readonly KeyValue[];
  onChange: (pairs: readonly KeyValue[]) => void;
  addLabel: string;
  keyLabel: string;
  valueLabel: string;
  error?: string | undefined;
  testId: string;
}

export function PairsEditor({
  label,
  pairs,
  onChange,
  addLabel,
  keyLabel,
  valueLabel,
  error,
  testId,
}: PairsEditorProps) {
  const { t } = useText();
  const change = (index: number, part: Partial<KeyValue>) =>
    onChange(pairs.map((pair, at) => (at === index ? { ...pair, ...part } : pair)));
  return (
    <fieldset className="pairs" data-testid={testId}>
      <legend>{label}</legend>
      {pairs.map((pair, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place.
        <div className="row" key={index}>
          <Input
            value={pair.key}
            placeholder={keyLabel}
            aria-label={`${label}: ${keyLabel}`}
            className="mono"
            onChange={(event) => change(index, { key: event.target.value })}
            data-testid="pair-key"
          />
          <Input
            value={pair.value}
            placeholder={valueLabel}
            aria-label={`${label}: ${valueLabel}`}
            className="mono"
            onChange={(event) => change(index, { value: event.target.value })}
            data-testid="pair-value"
          />
          <Button
            type="text"
            icon={<RemoveIcon />}
            aria-label={t('common.remove')}
            onClick={() => onChange(pairs.filter((_, at) => at !== index))}
          />
        </div>
      ))}
      <div>
        <Button
          type="dashed"
          icon={<AddIcon />}
          onClick={() => onChange([...pairs, { key: '', value: '' }])}
          data-testid="pair-add"
        >
          {addLabel}
        </Button>
      </div>
      {error !== undefined && (
        <div className="field-error" role="alert">
          {error}
        </div>
      )}
    </fieldset>
  );
}
