/** Checks beyond reading: what each does, whether these credentials are good for it, and all of them off. */
import { useState } from 'react';
import type { DiagnosisTarget, FurtherDiagnosis } from '#shared/contract/diagnosis.ts';
import { FURTHER_CHECKS, IMAGE_NAME, MACHINE_IMAGE } from '#shared/diagnosis.ts';
import { engine } from '../../app/engine/client.ts';
import { useRead } from '../../app/engine/hooks.ts';
import { useText } from '../../stores/text.ts';
import { Confirm } from '../../ui/Confirm.tsx';
import { Checkbox, Input } from '../../ui/controls.ts';
import { ErrorNotice, Loading } from '../../ui/Feedback.tsx';
import { Field } from '../../ui/Field.tsx';

export type Chosen = Pick<FurtherDiagnosis, 'further' | 'image'>;

export function FurtherDialog({
  target,
  onCancel,
  onChosen,
}: {
  target: DiagnosisTarget;
  onCancel: () => void;
  onChosen: (chosen: Chosen) => void;
}) {
  const { t } = useText();
  const { clusterId, kind, namespace, name } = target;
  const options = useRead(['diagnosis', 'further', clusterId, kind, namespace, name], (signal) =>
    engine.diagnosis.further.query(target, { signal }),
  );
  const [further, setFurther] = useState<Chosen['further']>([]);
  const [image, setImage] = useState('');
  const wrong = image !== '' && !IMAGE_NAME.test(image);
  return (
    <Confirm
      open
      title={t('diagnosis.further.title')}
      action={t('diagnosis.further.run')}
      pending={false}
      error={null}
      disabled={further.length === 0 || wrong}
      onCancel={onCancel}
      onConfirm={() => onChosen({ further, ...(image === '' ? {} : { image }) })}
    >
      <div className="stack">
        <span>{t('diagnosis.further.about')}</span>
        {options.error !== null && <ErrorNotice error={options.error} onRetry={options.again} />}
        {options.data === undefined && options.error === null && <Loading rows={3} />}
        {options.data?.map(({ check, missing }) => (
          <div key={check}>
            <Checkbox
              checked={further.includes(check)}
              disabled={missing.length > 0}
              onChange={({ target: { checked } }) =>
                setFurther(FURTHER_CHECKS.filter((one) => (one === check ? checked : further.includes(one))))
              }
              data-testid={`further-${check}`}
            >
              {t(`diagnosis.further.names.${check}`)}
            </Checkbox>
            <div className="muted diagnosis-does">{t(`diagnosis.further.does.${check}`)}</div>
            {missing.length > 0 && (
              <div className="diagnosis-does">{t('diagnosis.further.missing', { rights: missing.join(', ') })}</div>
            )}
          </div>
        ))}
        {further.includes('machine') && (
          <Field
            label={t('diagnosis.further.image')}
            help={t('diagnosis.further.imageHelp', { image: MACHINE_IMAGE })}
            {...(wrong ? { error: t('diagnosis.further.imageBad') } : {})}
          >
            <Input
              value={image}
              onChange={(event) => setImage(event.target.value.trim())}
              placeholder={MACHINE_IMAGE}
            />
          </Field>
        )}
      </div>
    </Confirm>
  );
}
