/** The choice of what to inspect: clusters, fleets and federations under their headings. */
import { useMemo } from 'react';
import type { InspectionScope } from '#shared/contract/inspection.ts';
import { useClusters, useFederations, useFleets } from '../../app/engine/sources.ts';
import { useText } from '../../stores/text.ts';
import { Select } from '../../ui/controls.ts';

export interface ScopeEntry {
  scope: InspectionScope;
  name: string;
}

/** Null until each of the lists has come or failed: the first of half of them is not the first of all. */
export function useScopes(): readonly ScopeEntry[] | null {
  const sources = [useClusters(), useFleets(), useFederations()] as const;
  const settled = sources.every(({ data, error }) => data !== undefined || error !== null);
  const [clusters, fleets, federations] = sources.map(({ data }) => data);
  return useMemo(() => {
    if (!settled) return null;
    const entries = (kind: InspectionScope['kind'], list: readonly { id: string; name: string }[] = []) =>
      list
        .map(({ id, name }): ScopeEntry => ({ scope: { kind, id }, name }))
        .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
    return [...entries('fleet', fleets), ...entries('federation', federations), ...entries('cluster', clusters)];
  }, [settled, clusters, fleets, federations]);
}

export const scopeKey = ({ kind, id }: InspectionScope): string => `${kind}:${id}`;

export function ScopeSelect({
  value,
  onChange,
  id,
}: {
  value: InspectionScope | null;
  onChange: (scope: InspectionScope) => void;
  id?: string;
}) {
  const { t } = useText();
  const scopes = useScopes() ?? [];
  const options = (['fleet', 'federation', 'cluster'] as const)
    .map((kind) => ({
      label: t(`inspection.scope.${kind}`),
      title: kind,
      options: scopes
        .filter(({ scope }) => scope.kind === kind)
        .map(({ scope, name }) => ({ value: scopeKey(scope), label: name })),
    }))
    .filter((group) => group.options.length > 0);
  return (
    <Select
      {...(id === undefined ? {} : { id })}
      showSearch
      optionFilterProp="label"
      value={value === null ? undefined : scopeKey(value)}
      options={options}
      onChange={(key: string) => {
        const found = scopes.find(({ scope }) => scopeKey(scope) === key);
        if (found !== undefined) onChange(found.scope);
      }}
      data-testid="inspection-scope"
    />
  );
}
