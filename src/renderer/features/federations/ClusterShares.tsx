/** The clusters of one row: all of them, or how many and those that have room. */
import type { ReactNode } from 'react';
import { useText } from '../../stores/text.ts';
import './federations.css';

/** What still shares a cell, if need be with shortened names. */
const FEW = 2;

/** `children`: one share for each cluster, those first that a person should see. */
export function ClusterShares({ names, children }: { names: readonly string[]; children: ReactNode }) {
  const { number } = useText();
  if (names.length <= FEW)
    return (
      <span className="row" data-testid="workload-clusters">
        {children}
      </span>
    );
  return (
    <span className="row" title={names.join(', ')} data-testid="workload-clusters">
      <b>{number(names.length)}</b>
      <span className="cluster-shares-many">{children}</span>
    </span>
  );
}
