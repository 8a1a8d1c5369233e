/** `fleetdeck audit list | verify`. Verifying reads the store alone, so it works beside a running application. */
import { withEngine } from '../api.ts';
import { type Command, UsageError } from '../command.ts';
import { dataDirOf, dataOption } from '../options.ts';

export const audit: Command = {
  usage: 'audit list [--limit N] | audit verify [--data DIR]',
  options: { data: dataOption, limit: { type: 'string', value: 'N', text: 'host.cli.option.limit' } },
  async run(call) {
    const { args, out, options } = call;
    const [what] = args;
    if (what === 'list') {
      const limit = options.number('limit', { min: 1, max: 500 }) ?? 100;
      const records = await withEngine(call, (api) => api.audit.list({ limit }));
      out.table(records, [
        { title: 'SEQ', cell: (r) => r.seq },
        { title: 'TIME', cell: (r) => r.time },
        { title: 'OPERATOR', cell: (r) => r.operator },
        { title: 'ACTION', cell: (r) => r.action },
        { title: 'RESULT', cell: (r) => r.error?.code ?? r.result },
        { title: 'MS', cell: (r) => r.durationMs },
      ]);
      return 0;
    }
    if (what === 'verify') {
      const { verifyAuditOf } = await import('../../engine/audit/index.ts');
      const result = verifyAuditOf(dataDirOf(call));
      if (call.json) out.document(result);
      else if (result.ok) out.line(out.text('host.cli.auditOk', { count: result.records }));
      else out.line(out.text('host.cli.auditBroken', { at: result.brokenAt ?? '?', problem: result.problem ?? '' }));
      return result.ok ? 0 : 1;
    }
    throw new UsageError('audit list or audit verify');
  },
};
