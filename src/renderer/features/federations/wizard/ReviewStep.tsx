/** Third step: the objects as they will be created, editable; a text changed by hand wins over the form until generated again. */
import { useState } from 'react';
import { useText } from '../../../stores/text.ts';
import { Alert, Button, Segmented } from '../../../ui/controls.ts';
import { YamlEditor } from '../../../ui/yaml/Yaml.tsx';
import { useDrafts } from './draft.store.ts';
import type { Draft } from './model.ts';
import type { Resolved, TextName } from './resolve.ts';

export function ReviewStep({
  id,
  draft,
  resolved,
  federationName,
}: {
  id: string;
  draft: Draft;
  resolved: Resolved;
  federationName: string;
}) {
  const { t } = useText();
  const { change } = useDrafts.getState();
  const names: TextName[] = [
    'template',
    'policy',
    ...(resolved.texts.override === '' && draft.edited.override === undefined ? [] : (['override'] as const)),
  ];
  const [chosen, setChosen] = useState<TextName>('template');
  const shown = names.includes(chosen) ? chosen : 'template';
  const problem = resolved.problems[shown];
  return (
    <div className="stack fill-column">
      <div className="row between wrap">
        <span className="muted">{t('wizard.review.objects', { name: federationName })}</span>
        <Segmented<TextName>
          value={shown}
          onChange={setChosen}
          options={names.map((name) => ({
            value: name,
            label: <span data-testid={`review-${name}`}>{t(`wizard.review.${name}`)}</span>,
          }))}
        />
      </div>
      {draft.edited[shown] !== undefined && (
        <Alert
          type="info"
          showIcon
          title={t('wizard.review.edited')}
          action={
            <Button
              onClick={() => {
                const { [shown]: _dropped, ...edited } = draft.edited;
                change(id, { edited });
              }}
            >
              {t('wizard.review.regenerate')}
            </Button>
          }
        />
      )}
      <YamlEditor
        key={shown}
        label={t(`wizard.review.${shown}`)}
        value={resolved.texts[shown]}
        onChange={(text) => {
          if (text !== resolved.texts[shown]) change(id, { edited: { ...draft.edited, [shown]: text } });
        }}
      />
      {problem !== undefined && (
        <span className="text-error" role="alert">
          {problem.problem === 'yaml'
            ? t('common.invalid.yaml', { message: problem.message })
            : t('wizard.problems.apiVersion')}
        </span>
      )}
    </div>
  );
}
