/** What runs the federation: where, what cannot be done there, and the way to the other place. */
import type { Federation } from '#shared/contract/federations.ts';
import { useText } from '../../../stores/text.ts';
import { type Fact, Facts, Panel } from '../../../ui/Page.tsx';
import { MovePanel } from './MovePanel.tsx';
import { MoveProgress } from './MoveProgress.tsx';

export function EngineTab({ federation }: { federation: Federation }) {
  const { t } = useText();
  const { external } = federation;
  return (
    <div className="scroll-column stack wide" data-testid="engine-tab">
      <Panel title={t('control.where')}>
        <div className="stack wide">
          <strong>{t(`control.kinds.${federation.engine}`)}</strong>
          <p className="muted">{t(`control.kindHelp.${federation.engine}`)}</p>
          <Facts facts={useFacts(federation)} />
        </div>
      </Panel>
      {external !== null && (
        <Panel title={t('control.limitsTitle')} testId="external-limits">
          <ul className="bullets">
            {external.limits.map((limit) => (
              <li key={limit}>{t(`control.limits.${limit}`)}</li>
            ))}
          </ul>
        </Panel>
      )}
      {federation.move === null ? (
        <MovePanel key={federation.engine} federation={federation} />
      ) : (
        <MoveProgress federation={federation} move={federation.move} />
      )}
    </div>
  );
}

function useFacts({ server, version, external }: Federation): Fact[] {
  const { t } = useText();
  const facts: Fact[] = [
    ...(server === null ? [] : [{ label: t('control.facts.server'), value: <span className="mono">{server}</span> }]),
    ...(version === '' ? [] : [{ label: t('control.facts.kubernetes'), value: version }]),
  ];
  if (external === null) return facts;
  const { karmada, memberProxy } = external;
  const way = memberProxy === null ? 'noMember' : memberProxy ? 'yes' : 'no';
  return [
    ...facts,
    {
      label: t('control.facts.karmada'),
      value: karmada === null ? t('control.facts.unknown') : t('control.facts.karmadaAtLeast', { version: karmada }),
    },
    { label: t('control.facts.memberProxy'), value: t(`control.facts.${way}`) },
    ...(external.missing.length === 0
      ? []
      : [{ label: t('control.facts.missing'), value: external.missing.join(', '), wide: true }]),
  ];
}
