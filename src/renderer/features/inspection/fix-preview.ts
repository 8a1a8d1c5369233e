/** Asks for the preview of a patch, once for what is shown; nothing is written by it. */
import { useCallback, useEffect, useState } from 'react';
import type { FixPreview, ReportFinding } from '#shared/contract/inspection.ts';
import { engine } from '../../app/engine/client.ts';
import { useAction } from '../../app/engine/hooks.ts';

export function useFixPreview(id: string, findings: readonly ReportFinding[]) {
  const [preview, setPreview] = useState<FixPreview | null>(null);
  const { run, error } = useAction((keys: string[]) => engine.inspection.fix.mutate({ id, keys }));
  const again = useCallback(() => {
    setPreview(null);
    void run(findings.map(({ key }) => key)).then((done) => done !== null && setPreview(settled(done.value)));
  }, [run, findings]);
  useEffect(again, [again]);
  return { preview, error, again };
}

/**
 * What the server counts up by itself is no part of the patch; the version stays that of the object which was read, so
 * that a change by somebody else in between is a conflict.
 */
function settled(preview: FixPreview): FixPreview {
  const { resourceVersion, generation } = preview.before.metadata;
  const metadata = { ...preview.after.metadata };
  if (resourceVersion !== undefined) metadata.resourceVersion = resourceVersion;
  if (generation !== undefined) metadata.generation = generation;
  return { ...preview, after: { ...preview.after, metadata } };
}
