/** Where a new federation shall run, with what each way is for. */
import type { Federation } from '#shared/contract/federations.ts';
import { useText } from '../../../stores/text.ts';
import { Radio } from '../../../ui/controls.ts';

const kinds = ['embedded', 'external'] as const;

export function EngineChoice({
  value,
  onChange,
}: {
  value: Federation['engine'];
  onChange: (kind: Federation['engine']) => void;
}) {
  const { t } = useText();
  return (
    <Radio.Group
      value={value}
      onChange={(event) => onChange(event.target.value)}
      aria-label={t('control.where')}
      className="stack"
    >
      {kinds.map((kind) => (
        <div key={kind}>
          <Radio value={kind} data-testid={`engine-${kind}`}>
            {t(`control.kinds.${kind}`)}
          </Radio>
          <div className="field-help">{t(`control.kindHelp.${kind}`)}</div>
        </div>
      ))}
    </Radio.Group>
  );
}
