/** What goes out tells its audit id; an answer that goes on is complete when it ends. */
import type { ApiAnswer } from '../request/types.ts';
import type { AuditRecord } from './auditor.ts';

export function withAudit(answer: ApiAnswer, id: string, record: AuditRecord | null, now: () => number): ApiAnswer {
  const told: ApiAnswer = { ...answer, headers: { ...answer.headers, 'Audit-Id': id } };
  if (record === null) return told;
  if (answer.body.kind !== 'watch') {
    record.completed(answer, now());
    return told;
  }
  record.started(answer, now());
  const { stream } = answer.body;
  let ended = false;
  told.body = {
    kind: 'watch',
    stream: {
      start: (sink) => {
        const stop = stream.start(sink);
        return () => {
          stop();
          if (!ended) record.completed(answer, now());
          ended = true;
        };
      },
    },
  };
  return told;
}
