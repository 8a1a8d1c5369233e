/** One object's plan: what becomes of it in each member, what goes along, and what is written to the federation. */
import type { AdoptionEffect, PromotionPlan } from '#shared/contract/federation-promotion.ts';
import { useText } from '../../../stores/text.ts';
import { Alert, Tag } from '../../../ui/controls.ts';
import { ErrorNotice } from '../../../ui/Feedback.tsx';
import { Panel } from '../../../ui/Page.tsx';
import { type Level, Status, TargetName } from '../../../ui/Status.tsx';
import { YamlDiff } from '../../../ui/yaml/Yaml.tsx';
import './promotion.css';

const levels: Record<AdoptionEffect['what'], Level> = { adopted: 'ok', changed: 'warning', created: 'progressing' };

export function PlanView({ plan }: { plan: PromotionPlan }) {
  const { t } = useText();
  const { object, autoscaled, clusters, dependencies, namespaceIn, objects, problems, warnings } = plan;
  return (
    <Panel
      title={
        <span className="row">
          {object.name} <span className="muted">{`${object.kind} ${object.namespace}`}</span>
        </span>
      }
      testId={`plan-${object.name}`}
    >
      <div className="stack wide">
        {problems.map((problem) => (
          <ErrorNotice key={`${problem.code}${problem.message}`} error={problem} />
        ))}
        {warnings.map((warning) => (
          <ErrorNotice key={`${warning.code}${warning.message}`} error={warning} level="warning" />
        ))}
        {clusters.map((effect) => (
          <Effect key={effect.cluster} effect={effect} />
        ))}
        {autoscaled.length > 0 && (
          <Alert type="info" showIcon title={t('promotion.autoscaled', { names: autoscaled.join(', ') })} />
        )}
        {namespaceIn.length > 0 && (
          <Alert type="info" showIcon title={t('promotion.namespaceIn', { names: namespaceIn.join(', ') })} />
        )}
        {dependencies.length > 0 && (
          <div className="stack">
            <span className="strong">{t('promotion.followers')}</span>
            {dependencies.map(({ object: follower, clusters: places }) => (
              <div key={`${follower.kind}/${follower.name}`} className="stack plan-follower">
                <span>
                  {follower.name} <span className="muted">{follower.kind}</span>
                </span>
                {places.map((effect) => (
                  <Effect key={effect.cluster} effect={effect} />
                ))}
              </div>
            ))}
          </div>
        )}
        {objects.length > 0 && (
          <details>
            <summary className="strong">{t('promotion.written')}</summary>
            <div className="stack wide">
              {objects.map(({ role, kind, name, exists, yaml }) => (
                <div key={`${kind}/${name}`} className="stack">
                  <span className="row">
                    <Tag>{t(`promotion.roles.${role}`)}</Tag>
                    <span className="strong">{name}</span>
                    <span className="muted">
                      {kind} {exists ? `(${t('promotion.exists')})` : ''}
                    </span>
                  </span>
                  {!exists && <pre className="plan-yaml">{yaml}</pre>}
                </div>
              ))}
            </div>
          </details>
        )}
      </div>
    </Panel>
  );
}

function Effect({ effect }: { effect: AdoptionEffect }) {
  const { t } = useText();
  const { cluster, what, fields, restarts, replicas, before, after } = effect;
  return (
    <div className="stack" data-testid={`plan-${cluster}`} data-what={what}>
      <span className="row wrap">
        <TargetName name={cluster} />
        {replicas !== null && <b>{replicas}</b>}
        <Status level={levels[what]}>{t(`promotion.what.${what}`)}</Status>
        {restarts && <Status level="error">{t('promotion.restarts')}</Status>}
        {fields.length > 0 && <span className="muted">{t('promotion.fields', { names: fields.join(', ') })}</span>}
      </span>
      {what === 'changed' && (
        <div className="plan-diff">
          <YamlDiff label={cluster} before={before} after={after} inline />
        </div>
      )}
    </div>
  );
}
