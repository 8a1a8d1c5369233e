/** Supposing changes and seeing what they would do, before anything is saved (U11). */
import { useState } from 'react';
import type { WhatIf } from '#shared/contract/federation-what-if.ts';
import type { Federation } from '#shared/contract/federations.ts';
import type { ObjectRef } from '#shared/contract/resources.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { engine } from '../../../app/engine/client.ts';
import { useRead } from '../../../app/engine/hooks.ts';
import { useKinds } from '../../../app/engine/kinds.ts';
import { useWorkloads } from '../../../app/engine/sources.ts';
import { useDelayed } from '../../../stores/delayed.ts';
import { useText } from '../../../stores/text.ts';
import { Button, Dropdown } from '../../../ui/controls.ts';
import { EmptyState, ErrorNotice, Loading } from '../../../ui/Feedback.tsx';
import { AddIcon, DownIcon } from '../../../ui/icons.ts';
import { Panel } from '../../../ui/Page.tsx';
import { templateRef } from '../access.ts';
import { ClusterLoads, Totals, WorkloadEffects } from './Effects.tsx';
import { SupposedLine } from './SupposedLine.tsx';
import { changeOf, type Supposed, type SupposedKind, supposedKinds, workloadId } from './supposed.ts';

const PAUSE_MS = 300;
const HUNDRED = 100;

export function WhatIfTab({ federation }: { federation: Federation }) {
  const { t } = useText();
  const workloads = useWorkloads(federation.id).data ?? [];
  const policies = [...new Set(workloads.flatMap(({ policy }) => (policy === null ? [] : [policy])))].sort();
  const [lines, setLines] = useState<readonly Supposed[]>([]);
  const templates = useTemplates(federation, lines, workloads);
  const changes = lines.map((line) => changeOf(line, workloads, templates));
  const complete = changes.flatMap((change) => (change === null ? [] : [change]));
  const settled = useDelayed(complete, PAUSE_MS);
  const result = useRead<WhatIf>(settled.length === 0 ? null : ['what-if', federation.id, settled], () =>
    engine.federations.whatIf.mutate({ id: federation.id, changes: settled }),
  );
  const add = (kind: SupposedKind) =>
    setLines([
      ...lines,
      { id: (lines.at(-1)?.id ?? 0) + 1, kind, ...(kind === 'capacity' ? { percent: HUNDRED } : {}) },
    ]);
  const adding = (
    <Dropdown
      trigger={['click']}
      menu={{
        items: supposedKinds.map((kind) => ({ key: kind, label: t(`whatIf.kinds.${kind}`) })),
        onClick: ({ key }) => add(key as SupposedKind),
      }}
    >
      <Button type={lines.length === 0 ? 'primary' : 'default'} icon={<AddIcon />} data-testid="what-if-add">
        {t('whatIf.add')} <DownIcon />
      </Button>
    </Dropdown>
  );
  if (lines.length === 0) return <EmptyState title={t('whatIf.empty')} hint={t('whatIf.intro')} action={adding} />;
  return (
    <div className="scroll-column stack wide" data-testid="what-if">
      <Panel>
        {lines.map((line) => (
          <SupposedLine
            key={line.id}
            federation={federation}
            line={line}
            workloads={workloads}
            policies={policies}
            onChange={(change) => setLines(lines.map((each) => (each.id === line.id ? { ...each, ...change } : each)))}
            onRemove={() => setLines(lines.filter((each) => each.id !== line.id))}
          />
        ))}
        <div className="row">{adding}</div>
      </Panel>
      {complete.length === 0 ? (
        <p className="muted">{t('whatIf.incomplete')}</p>
      ) : result.error !== null ? (
        <ErrorNotice error={result.error} onRetry={result.again} />
      ) : result.data === undefined ? (
        <Loading rows={8} />
      ) : (
        <>
          <Totals result={result.data} />
          {result.data.workloads.length > 0 && <WorkloadEffects result={result.data} />}
          <ClusterLoads result={result.data} />
        </>
      )}
    </div>
  );
}

/** The templates of the workloads that are to be scaled, by workload. */
function useTemplates(
  federation: Federation,
  lines: readonly Supposed[],
  workloads: ReturnType<typeof useWorkloads>['data'],
): Readonly<Record<string, KubeObject>> {
  const kinds = useKinds({ kind: 'federation', id: federation.id }).data;
  const wanted = lines.flatMap((line) => (line.kind === 'scale' && line.workload !== undefined ? [line.workload] : []));
  const refs = [...new Set(wanted)].sort().flatMap((id): [string, ObjectRef][] => {
    const workload = workloads?.find((each) => workloadId(each) === id);
    const ref = workload === undefined ? undefined : templateRef(federation, workload, kinds);
    return ref === undefined ? [] : [[id, ref]];
  });
  const read = useRead(refs.length === 0 ? null : ['supposed-templates', federation.id, refs], async () =>
    Object.fromEntries(
      await Promise.all(refs.map(async ([id, ref]) => [id, await engine.resources.get.query(ref)] as const)),
    ),
  );
  return read.data ?? {};
}
