/** `fleetdeck search WORDS`: objects of every kind over all clusters. Exit code 1 when a cluster could not be searched. */
import type { SearchAnswer } from '#shared/contract/search.ts';
import { AppError } from '#shared/errors.ts';
import { apiOf } from '../../host/api.ts';
import { settledClusters, withEngine } from '../api.ts';
import { type Command, UsageError } from '../command.ts';
import { dataOption } from '../options.ts';

const WAIT_MS = 60_000;

export const search: Command = {
  usage: 'search WORDS [--limit N]',
  options: {
    data: dataOption,
    limit: { type: 'string', value: 'N', text: 'host.cli.option.limit' },
  },
  async run(call) {
    const query = call.args.join(' ').trim();
    if (query === '') throw new UsageError('search takes the words to look for');
    const limit = call.options.number('limit', { min: 1, max: 500 }) ?? 50;
    return await withEngine(call, async (_api, engine) => {
      await engine.ready;
      const clusters = await settledClusters(engine);
      const names = new Map([
        ...clusters.map(({ id, name }) => [id, name] as const),
        ...engine.services.federations.list().map(({ id, name }) => [id, name] as const),
      ]);
      const signal = AbortSignal.timeout(WAIT_MS);
      let last: SearchAnswer | undefined;
      for await (const answer of await apiOf(engine, signal).search.find({ query, limit })) last = answer;
      if (last === undefined) throw new AppError('CLUSTER_TIMEOUT', `no answer within ${WAIT_MS / 1000} s`);
      const nameOf = (id: string) => names.get(id) ?? id;
      if (call.json) {
        call.out.document({ ...last, hits: last.hits.map((hit) => ({ ...hit, cluster: nameOf(hit.target.id) })) });
      } else {
        call.out.table(last.hits, [
          { title: 'CLUSTER', cell: (hit) => nameOf(hit.target.id) },
          { title: 'KIND', cell: (hit) => hit.kind },
          { title: 'NAMESPACE', cell: (hit) => hit.namespace },
          { title: 'NAME', cell: (hit) => hit.name },
          { title: 'BECAUSE', cell: (hit) => hit.because },
        ]);
        for (const { target, kind, count } of last.shallow)
          call.out.note(`${nameOf(target.id)}: ${count} ${kind}: image and address not searched`);
        for (const { target, error } of last.failed) call.out.note(`${nameOf(target.id)}: ${error.message}`);
      }
      return last.failed.length === 0 ? 0 : 1;
    });
  },
};
