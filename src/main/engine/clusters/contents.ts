/** A kubeconfig as the registration form shows it: every context with its problems, found before anything is dialled. */
import os from 'node:os';
import type { KubeconfigContents, KubeconfigSource } from '#shared/contract/clusters.ts';
import { toErrorShape } from '#shared/errors.ts';
import { type Kubeconfig, type KubeconfigEntry, parseKubeconfig, readKubeconfigFile } from '../kubeconfig/index.ts';
import { suggestName } from './names.ts';

export interface Known {
  names: ReadonlySet<string>;
  /** Name of the cluster registered for this server, if any. */
  registeredAs: (entry: KubeconfigEntry) => string | null;
}

export async function loadSource(source: KubeconfigSource): Promise<Kubeconfig & { path: string | null }> {
  if (source.kind === 'file') return await readKubeconfigFile(source.path);
  // A pasted text has no folder; relative paths in it can only mean the person's own.
  return { ...(await parseKubeconfig(source.text, os.homedir())), path: null };
}

export async function readContents(source: KubeconfigSource, known: Known): Promise<KubeconfigContents> {
  const described = source.kind === 'file' ? { kind: source.kind, path: source.path } : { kind: source.kind };
  let kubeconfig: Kubeconfig & { path: string | null };
  try {
    kubeconfig = await loadSource(source);
  } catch (error) {
    return { source: described, contexts: [], currentContext: null, problem: toErrorShape(error) };
  }
  const taken = new Set(known.names);
  return {
    source: kubeconfig.path === null ? described : { ...described, path: kubeconfig.path },
    currentContext: kubeconfig.currentContext,
    problem: null,
    contexts: kubeconfig.entries.map((entry) => {
      const suggestedName = suggestName(entry.context, taken);
      taken.add(suggestedName);
      return {
        context: entry.context,
        server: entry.server,
        user: entry.user,
        namespace: entry.namespace,
        auth: entry.auth,
        insecure: entry.insecure,
        exec:
          entry.exec === null
            ? null
            : {
                command: entry.exec.command,
                args: entry.exec.args,
                env: entry.exec.env,
                hash: entry.exec.hash,
                ...(entry.exec.installHint === undefined ? {} : { installHint: entry.exec.installHint }),
              },
        problems: entry.problems,
        suggestedName,
        registeredAs: known.registeredAs(entry),
      };
    }),
  };
}
