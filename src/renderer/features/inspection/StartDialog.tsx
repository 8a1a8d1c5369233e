/** Begins an inspection; `#/inspection?start=cluster:ID` opens it from anywhere. */
import { useEffect, useState } from 'react';
import type { InspectionScope } from '#shared/contract/inspection.ts';
import { engine } from '../../app/engine/client.ts';
import { useAction, useRead } from '../../app/engine/hooks.ts';
import { changeQuery, navigate } from '../../app/router.ts';
import { useText } from '../../stores/text.ts';
import { Confirm } from '../../ui/Confirm.tsx';
import { Field } from '../../ui/Field.tsx';
import { ScopeSelect, scopeKey, useScopes } from './ScopeSelect.tsx';

export function StartDialog({ start }: { start: string | undefined }) {
  const { t } = useText();
  const scopes = useScopes();
  const [chosen, setChosen] = useState<InspectionScope | null>(null);
  const config = useRead(['inspection', 'config'], (signal) => engine.inspection.config.query(undefined, { signal }));
  // biome-ignore lint/correctness/useExhaustiveDependencies: another address asks for something else than was chosen.
  useEffect(() => setChosen(null), [start]);
  const asked = scopes?.find((one) => scopeKey(one.scope) === start);
  const scope = chosen ?? asked?.scope ?? scopes?.[0]?.scope ?? null;
  const begin = useAction((what: InspectionScope) => engine.inspection.start.mutate({ scope: what }));
  return (
    <Confirm
      open={start !== undefined}
      title={t('inspection.start.title')}
      action={t('inspection.start.action')}
      pending={begin.pending}
      error={begin.error}
      disabled={scope === null}
      onCancel={() => {
        changeQuery({ start: undefined });
        begin.reset();
      }}
      onConfirm={() => {
        if (scope === null) return;
        void begin.run(scope).then((done) => done !== null && navigate(['inspection', 'report', done.value.id]));
      }}
    >
      <div className="stack">
        {scopes?.length === 0 && <span>{t('inspection.start.none')}</span>}
        <Field
          label={t('inspection.start.what')}
          help={t('inspection.start.help', { rate: config.data?.requestsPerSecond ?? '' })}
        >
          <ScopeSelect value={scope} onChange={setChosen} />
        </Field>
      </div>
    </Confirm>
  );
}
