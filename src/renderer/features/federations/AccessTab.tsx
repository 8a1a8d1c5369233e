/** How kubectl reaches the federation: the path of its kubeconfig (never its content) and commands to copy (U3). */
import type { Federation } from '#shared/contract/federations.ts';
import { useText } from '../../stores/text.ts';
import { CopyBlock, CopyText } from '../../ui/CopyText.tsx';
import { EmptyState } from '../../ui/Feedback.tsx';
import { Facts, Panel } from '../../ui/Page.tsx';

export function AccessTab({ federation }: { federation: Federation }) {
  const { t } = useText();
  const path = federation.kubeconfigPath;
  if (path === null)
    return federation.engine === 'external' ? (
      <EmptyState title={t('control.noKubeconfig')} />
    ) : (
      <EmptyState title={t('federations.access.notYet')} />
    );
  const quoted = /^[\w./~-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
  return (
    <div className="scroll-column">
      <Panel title={t('federations.access.kubeconfig')}>
        <div className="stack wide">
          <p className="muted">{t('federations.access.explain')}</p>
          <Facts
            facts={[
              {
                label: t('federations.access.kubeconfig'),
                value: <CopyText text={path} testId="federation-kubeconfig" />,
                wide: true,
              },
              ...(federation.server === null
                ? []
                : [
                    { label: t('federations.access.server'), value: <CopyText text={federation.server} />, wide: true },
                  ]),
            ]}
          />
          <div className="stack">
            <span className="muted">{t('federations.access.example')}</span>
            <CopyBlock
              text={`kubectl --kubeconfig ${quoted} get clusters\nkubectl --kubeconfig ${quoted} get deployments,propagationpolicies,resourcebindings -A`}
            />
          </div>
        </div>
      </Panel>
    </div>
  );
}
