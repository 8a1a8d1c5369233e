/** Asks for the preview of a patch, once for what is shown; nothing is written by it. */
import { useCallback, useEffect, useState } from 'react';
import type { FixPreview, ReportFinding } from '#shared/contract/inspection.ts';
import { asCountedBefore } from '#shared/kubernetes/dry-run.ts';
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

function settled(preview: FixPreview): FixPreview {
  return { ...preview, after: asCountedBefore(preview.before, preview.after) };
}
