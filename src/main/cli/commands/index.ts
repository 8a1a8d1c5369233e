/** All commands. Loaded one at a time, so that `version` does not load what `demo` needs. */
import type { TextKey } from '#shared/i18n/index.ts';
import type { Command } from '../command.ts';

export interface CommandEntry {
  summary: TextKey;
  load(): Promise<Command>;
}

/** In the order of the overview. */
export const commands: Readonly<Record<string, CommandEntry>> = {
  start: { summary: 'host.cli.help.start', load: async () => (await import('./start.ts')).start },
  serve: { summary: 'host.cli.help.serve', load: async () => (await import('./serve.ts')).serve },
  demo: { summary: 'host.cli.help.demo', load: async () => (await import('./demo.ts')).demo },
  clusters: { summary: 'host.cli.help.clusters', load: async () => (await import('./clusters.ts')).clusters },
  fleets: { summary: 'host.cli.help.fleets', load: async () => (await import('./fleets.ts')).fleets },
  federations: {
    summary: 'host.cli.help.federations',
    load: async () => (await import('./federations.ts')).federations,
  },
  get: { summary: 'host.cli.help.get', load: async () => (await import('./get.ts')).get },
  search: { summary: 'host.cli.help.search', load: async () => (await import('./search.ts')).search },
  diagnose: { summary: 'host.cli.help.diagnose', load: async () => (await import('./diagnose.ts')).diagnose },
  inspect: { summary: 'host.cli.help.inspect', load: async () => (await import('./inspect.ts')).inspect },
  plan: { summary: 'host.cli.help.plan', load: async () => (await import('./plan.ts')).plan },
  audit: { summary: 'host.cli.help.audit', load: async () => (await import('./audit.ts')).audit },
  apiserver: { summary: 'host.cli.help.apiserver', load: async () => (await import('./apiserver.ts')).apiserver },
  selftest: { summary: 'host.cli.help.selftest', load: async () => (await import('./selftest.ts')).selftest },
  version: { summary: 'host.cli.help.version', load: async () => (await import('./version.ts')).version },
  help: { summary: 'host.cli.help.help', load: async () => (await import('./help.ts')).help },
};
