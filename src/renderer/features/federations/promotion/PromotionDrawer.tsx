/** What taking the chosen objects over would change, the choices there are, doing it, and taking it back (U16). */
import { useState } from 'react';
import type { Candidate, PromotionPlan } from '#shared/contract/federation-promotion.ts';
import type { Federation } from '#shared/contract/federations.ts';
import { engine } from '../../../app/engine/client.ts';
import { useAction, useRead } from '../../../app/engine/hooks.ts';
import { useText } from '../../../stores/text.ts';
import { Alert, Button, Checkbox, Drawer, Radio } from '../../../ui/controls.ts';
import { ErrorNotice, Loading } from '../../../ui/Feedback.tsx';
import { Field } from '../../../ui/Field.tsx';
import { Panel } from '../../../ui/Page.tsx';
import { PlanView } from './PlanView.tsx';
import { Results } from './Results.tsx';

export interface PromotionDrawerProps {
  federation: Federation;
  candidates: readonly Candidate[];
  /** `changed`: something was taken over. */
  onClose: (changed: boolean) => void;
}

export function PromotionDrawer({ federation, candidates, onClose }: PromotionDrawerProps) {
  const { t } = useText();
  const [dependencies, setDependencies] = useState(true);
  const [differences, setDifferences] = useState<'keep' | 'unify'>('keep');
  const items = candidates.map(({ object, clusters }) => ({
    object,
    clusters: clusters.filter(({ owner }) => owner === 'free').map(({ name }) => name),
  }));
  const wish = { id: federation.id, items, dependencies, differences };
  const plans = useRead(['promotion-plan', wish], () => engine.promotion.plan.mutate(wish));
  const promote = useAction((possible: typeof items) => engine.promotion.promote.mutate({ ...wish, items: possible }));
  const [done, setDone] = useState<Awaited<ReturnType<typeof promote.run>>>(null);
  const possible = items.filter((_, index) => plans.data?.[index]?.problems.length === 0);
  const blocked = items.length - possible.length;
  const several = items.some(({ clusters }) => clusters.length > 1);
  return (
    <Drawer
      open
      onClose={() => onClose(done !== null)}
      size={900}
      title={t(done === null ? 'promotion.dialog' : 'promotion.results')}
      data-testid="promotion-drawer"
      extra={
        done === null && (
          <Button
            type="primary"
            disabled={possible.length === 0 || plans.loading}
            loading={promote.pending}
            onClick={() => void promote.run(possible).then(setDone)}
            data-testid="promotion-confirm"
          >
            {t('promotion.confirm', { count: possible.length })}
          </Button>
        )
      }
    >
      {done !== null ? (
        <Results federation={federation} results={done.value} />
      ) : (
        <div className="stack wide">
          <Panel>
            <div className="stack">
              <Checkbox checked={dependencies} onChange={(event) => setDependencies(event.target.checked)}>
                {t('promotion.dependencies')}
              </Checkbox>
              {several && (
                <Field label={t('promotion.differences')}>
                  <Radio.Group
                    value={differences}
                    onChange={(event) => setDifferences(event.target.value as 'keep' | 'unify')}
                    options={(['keep', 'unify'] as const).map((value) => ({
                      value,
                      label: t(`promotion.differencesOf.${value}`),
                    }))}
                  />
                </Field>
              )}
            </div>
          </Panel>
          {promote.error !== null && <ErrorNotice error={promote.error} onClose={promote.reset} />}
          {plans.error !== null && <ErrorNotice error={plans.error} onRetry={plans.again} />}
          {blocked > 0 && plans.data !== undefined && (
            <Alert type="warning" showIcon title={t('promotion.blocked', { count: blocked })} />
          )}
          {plans.data === undefined
            ? plans.error === null && <Loading rows={6} />
            : plans.data.map((plan) => <PlanView key={keyOf(plan)} plan={plan} />)}
        </div>
      )}
    </Drawer>
  );
}

function keyOf({ object }: PromotionPlan): string {
  return `${object.kind}/${object.namespace}/${object.name}`;
}
