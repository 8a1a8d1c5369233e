/** How others reach the federation: its own kubeconfig (the path, never the content), and those issued to people and pipelines (U3). */
import type { Federation } from '#shared/contract/federations.ts';
import { useText } from '../../stores/text.ts';
import { CopyBlock, CopyText } from '../../ui/CopyText.tsx';
import { EmptyState } from '../../ui/Feedback.tsx';
import { Facts, Panel } from '../../ui/Page.tsx';
import { AccessTab as IssuedAccess } from '../clusters/AccessTab.tsx';

export function AccessTab({ federation }: { federation: Federation }) {
  const { t } = useText();
  const { id, name, state, engine, kubeconfigPath } = federation;
  if (engine === 'embedded' && kubeconfigPath === null) return <EmptyState title={t('federations.access.notYet')} />;
  return (
    <div className="scroll-column stack wide">
      <Panel title={t('clusters.access.title')}>
        <IssuedAccess target={{ id, name, running: state === 'running' }} />
      </Panel>
      <Panel title={t('federations.access.kubeconfig')}>
        {kubeconfigPath === null ? (
          <span className="muted">{t('control.noKubeconfig')}</span>
        ) : (
          <Own federation={federation} path={kubeconfigPath} />
        )}
      </Panel>
    </div>
  );
}

/** The one that the federation itself writes: every right, for the person at this workstation. */
function Own({ federation, path }: { federation: Federation; path: string }) {
  const { t } = useText();
  const quoted = /^[\w./~-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
  return (
    <div className="stack wide">
      <p className="muted">{t('federations.access.explain')}</p>
      <Facts
        facts={[
          {
            label: t('federations.access.file'),
            value: <CopyText text={path} testId="federation-kubeconfig" />,
            wide: true,
          },
          ...(federation.server === null
            ? []
            : [{ label: t('federations.access.server'), value: <CopyText text={federation.server} />, wide: true }]),
        ]}
      />
      <div className="stack">
        <span className="muted">{t('federations.access.example')}</span>
        <CopyBlock
          text={`kubectl --kubeconfig ${quoted} get clusters\nkubectl --kubeconfig ${quoted} get deployments,propagationpolicies,resourcebindings -A`}
        />
      </div>
    </div>
  );
}
