/** What a change of an override policy does to each object in each member, as a difference of texts. */
import type { OverrideChange, OverridePreview } from '#shared/contract/federation-policies.ts';
import { engine } from '../../../app/engine/client.ts';
import { type Read, useRead } from '../../../app/engine/hooks.ts';
import { useText } from '../../../stores/text.ts';
import { Tag } from '../../../ui/controls.ts';
import { ErrorNotice, Loading } from '../../../ui/Feedback.tsx';
import { TargetName } from '../../../ui/Status.tsx';
import { YamlDiff } from '../../../ui/yaml/Yaml.tsx';
import './policies.css';

/** Differences that are opened at once; an editor for each costs time. */
const OPEN = 3;

export function useOverridePreview(federationId: string, change: OverrideChange | null): Read<OverridePreview> {
  return useRead<OverridePreview>(change === null ? null : ['override-preview', federationId, change], () =>
    engine.federationPolicies.previewOverride.mutate({ id: federationId, change: change as OverrideChange }),
  );
}

export function OverrideEffects({ preview }: { preview: Read<OverridePreview> }) {
  const { t } = useText();
  if (preview.error !== null) return <ErrorNotice error={preview.error} onRetry={preview.again} level="warning" />;
  if (preview.data === undefined) return <Loading rows={4} />;
  const { effects, more, problems } = preview.data;
  return (
    <div className="policy-effects" data-testid="override-effects">
      {problems.map((problem) => (
        <ErrorNotice key={`${problem.code}${problem.message}`} error={problem} level="warning" />
      ))}
      <span className="strong">
        {effects.length === 0 ? t('policies.noEffects') : t('policies.effects', { count: effects.length + more })}
      </span>
      {effects.map(({ object, cluster, before, after, fields, restarts, error }, index) => (
        <div
          className="policy-effect"
          key={`${object.kind}/${object.namespace}/${object.name}@${cluster}`}
          data-testid={`override-effect-${cluster}`}
        >
          <span className="row wrap">
            <TargetName name={cluster} />
            <span className="strong">{object.name}</span>
            <span className="muted">{object.kind}</span>
            {restarts && <Tag color="warning">{t('policies.restarts')}</Tag>}
          </span>
          {error !== null ? (
            <span className="text-error">{t('policies.cannotApply', { message: error })}</span>
          ) : index < OPEN ? (
            <YamlDiff label={`${cluster}: ${object.name}`} before={before} after={after} inline />
          ) : (
            <span className="muted">{fields.join(', ')}</span>
          )}
        </div>
      ))}
      {more > 0 && <span className="muted">{t('policies.moreEffects', { count: more })}</span>}
    </div>
  );
}
