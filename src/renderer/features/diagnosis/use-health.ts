/**
 * Reads the health of all clusters as it grows; again when asked, and by itself while somebody looks. What was read last
 * stays while it is read anew.
 */
import { useCallback, useEffect, useState } from 'react';
import type { FleetHealth } from '#shared/contract/diagnosis.ts';
import type { AppErrorShape } from '#shared/errors.ts';
import { engine, toShape } from '../../app/engine/client.ts';
import { useConnection } from '../../stores/connection.ts';

/** Kept over visits of the page: coming back shows what was there, and the new look replaces it. */
let last: FleetHealth | undefined;

/** A look is many lists of every cluster: the next one waits, the longer the longer this one took. */
const NEXT_MS = 60_000;
const REST = 10;

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
    const begun = Date.now();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const next = (): void => {
      // Behind another window nobody looks: it is read anew when it comes back.
      if (document.visibilityState === 'visible') setAttempt((count) => count + 1);
    };
    const later = (): void => {
      timer = setTimeout(
        () => {
          document.addEventListener('visibilitychange', next);
          next();
        },
        Math.max(NEXT_MS, REST * (Date.now() - begun)),
      );
    };
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
          later();
        },
        onError(cause) {
          setError(toShape(cause));
          setRunning(false);
          later();
        },
      },
    );
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', next);
      subscription.unsubscribe();
    };
  }, [attempt, connected]);
  const again = useCallback(() => setAttempt((count) => count + 1), []);
  return { health, running, error, again };
}
