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
        <Radio key={kind} value={kind} data-testid={`engine-${kind}`}>
          <span className="stack">
            <span>{t(`control.kinds.${kind}`)}</span>
            <span className="muted">{t(`control.kindHelp.${kind}`)}</span>
          </span>
        </Radio>
      ))}
    </Radio.Group>
  );
}
