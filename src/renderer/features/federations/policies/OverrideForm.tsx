/** The form of an override policy: what it concerns, and rule by rule what is different where (U10). */
import { useText } from '../../../stores/text.ts';
import { Panel } from '../../../ui/Page.tsx';
import { type FormContext, FormNodes } from './FormNodes.tsx';
import { selectorList } from './nodes.ts';
import { rulesNode } from './override-nodes.ts';

const SPEC = ['spec'];

export function OverrideForm({ context, clusterWide }: { context: FormContext; clusterWide: boolean }) {
  const { t } = useText();
  return (
    <>
      <Panel title={t('policies.sections.selectors')}>
        <FormNodes nodes={[selectorList(clusterWide)]} at={SPEC} context={context} />
      </Panel>
      <Panel title={t('policies.sections.rules')}>
        <FormNodes nodes={[rulesNode]} at={SPEC} context={context} />
      </Panel>
    </>
  );
}
