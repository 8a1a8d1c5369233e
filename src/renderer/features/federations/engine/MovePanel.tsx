/** The way to the other engine: explained, planned as a dry run, and only then begun. */
import { useState } from 'react';
import type { MovePlan } from '#shared/contract/federation-control.ts';
import type { Federation } from '#shared/contract/federations.ts';
import { engine } from '../../../app/engine/client.ts';
import { useAction } from '../../../app/engine/hooks.ts';
import { useText } from '../../../stores/text.ts';
import { Button } from '../../../ui/controls.ts';
import { ErrorNotice } from '../../../ui/Feedback.tsx';
import { Panel } from '../../../ui/Page.tsx';
import { Status } from '../../../ui/Status.tsx';
import { ExternalSource, type Source } from './ExternalSource.tsx';

export function MovePanel({ federation }: { federation: Federation }) {
  const { t } = useText();
  const to = federation.engine === 'embedded' ? ('external' as const) : ('embedded' as const);
  const [source, setSource] = useState<Source | null>(null);
  const [plan, setPlan] = useState<MovePlan | null>(null);
  const input = { id: federation.id, to, ...(source === null ? {} : { target: source }) };
  const planning = useAction(() => engine.federations.planMove.mutate(input));
  const moving = useAction(() => engine.federations.move.mutate(input));
  return (
    <Panel title={t(to === 'external' ? 'control.move.toExternal' : 'control.move.toEmbedded')} testId="move-panel">
      <div className="stack wide">
        <p className="muted">
          {t(to === 'external' ? 'control.move.explainExternal' : 'control.move.explainEmbedded')}
        </p>
        {to === 'external' && (
          <ExternalSource
            onFound={(next) => {
              setSource(next);
              setPlan(null);
            }}
          />
        )}
        {planning.error !== null && <ErrorNotice error={planning.error} />}
        {plan !== null && <PlanView plan={plan} />}
        {moving.error !== null && <ErrorNotice error={moving.error} />}
        <div className="row">
          <Button
            disabled={(to === 'external' && source === null) || federation.state !== 'running'}
            loading={planning.pending}
            onClick={() => void planning.run().then((done) => setPlan(done?.value ?? null))}
            data-testid="move-plan"
          >
            {t('control.move.plan')}
          </Button>
          {plan !== null && (
            <Button
              type="primary"
              disabled={plan.blocked.length > 0}
              loading={moving.pending}
              onClick={() => void moving.run()}
              data-testid="move-start"
            >
              {t('control.move.start')}
            </Button>
          )}
        </div>
      </div>
    </Panel>
  );
}

const SHOWN = 8;
const LISTED = 200;
const level = { ready: 'ok', notReady: 'warning', missing: 'error' } as const;

function PlanView({ plan }: { plan: MovePlan }) {
  const { t, number } = useText();
  const count = (action: MovePlan['objects'][number]['action']) =>
    number(plan.objects.filter((object) => object.action === action).length);
  return (
    <div className="stack" data-testid="move-plan-view">
      <strong>{t('control.move.planTitle')}</strong>
      <span>
        {t('control.move.summary', {
          create: count('create'),
          same: count('same'),
          replace: count('replace'),
          refused: count('refused'),
        })}
      </span>
      <details>
        <summary>{t('control.move.objects')}</summary>
        <ul className="bullets">
          {plan.objects.slice(0, LISTED).map(({ kind, namespace, name, action }) => (
            <li key={`${kind} ${namespace}/${name}`}>
              {kind} {namespace === '' ? name : `${namespace}/${name}`}{' '}
              <span className="muted">{t(`control.move.actions.${action}`)}</span>
            </li>
          ))}
          {plan.objects.length > LISTED && <li>{t('control.move.more', { count: plan.objects.length - LISTED })}</li>}
        </ul>
      </details>
      <div className="row wrap">
        <span className="muted">{t('control.move.members')}</span>
        {plan.members.map(({ name, state }) => (
          <Status key={name} level={level[state]}>
            {name} · {t(`control.move.memberStates.${state}`)}
          </Status>
        ))}
      </div>
      <Problems title={t('control.move.blocked')} problems={plan.blocked} level="error" />
      <Problems title={t('control.move.warnings')} problems={plan.warnings} level="warning" />
    </div>
  );
}

function Problems({
  title,
  problems,
  level: kind,
}: {
  title: string;
  problems: MovePlan['blocked'];
  level: 'error' | 'warning';
}) {
  const { t, error } = useText();
  if (problems.length === 0) return null;
  return (
    <div className="stack">
      <span className={kind === 'error' ? 'text-error' : 'text-warning'}>{title}</span>
      <ul className="bullets">
        {problems.slice(0, SHOWN).map((problem) => (
          <li key={problem.message}>
            {problem.message} <span className="muted">{error(problem).hint}</span>
          </li>
        ))}
        {problems.length > SHOWN && <li>{t('control.move.more', { count: problems.length - SHOWN })}</li>}
      </ul>
    </div>
  );
}
