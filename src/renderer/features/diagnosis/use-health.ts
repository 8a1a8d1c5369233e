/** Reads the health of all clusters once, as it grows; again when asked. What was read last stays while it is read anew. */
import { useCallback, useEffect, useState } from 'react';
import type { FleetHealth } from '#shared/contract/diagnosis.ts';
import type { AppErrorShape } from '#shared/errors.ts';
import { engine, toShape } from '../../app/engine/client.ts';
import { useConnection } from '../../stores/connection.ts';

/** Kept over visits of the page: coming back shows what was there, and the new look replaces it. */
let last: FleetHealth | undefined;

export function useHealth() {
  const [health, setHealth] = useState<FleetHealth | undefined>(last);
  const [running, setRunning] = useState(false);
  const [error, setError] = useState<AppErrorShape | null>(null);
  const [attempt, setAttempt] = useState(0);
  const connected = useConnection((connection) => connection.status === 'open');
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt reads the same again.
  useEffect(() => {
    if (!connected) return;
    setRunning(true);
    setError(null);
    const subscription = engine.diagnosis.health.subscribe(
      {},
      {
        onData(state) {
          const ended = state.clusters.every((cluster) => cluster.state === 'done' || cluster.state === 'failed');
          // A look that has only begun says less than the one before.
          if (ended || last === undefined) setHealth(state);
          if (!ended) return;
          last = state;
          setRunning(false);
        },
        onError(cause) {
          setError(toShape(cause));
          setRunning(false);
        },
      },
    );
    return () => subscription.unsubscribe();
  }, [attempt, connected]);
  const again = useCallback(() => setAttempt((count) => count + 1), []);
  return { health, running, error, again };
}
