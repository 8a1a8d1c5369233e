/** Names that are taken and make trouble later on. Source: texts of the real server's warnings. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { labelName } from '../validation/meta.ts';

/** Of a new object whose name becomes that of a host; `used`: what for. */
export function hostNameWarnings({ metadata }: KubeObject, used = 'in Pod names and hostnames, which'): string[] {
  const problems = labelName(metadata.name ?? '');
  if (problems.length === 0) return [];
  const advice = 'can result in surprising behavior; a DNS label is recommended';
  return [`metadata.name: this is used ${used} ${advice}: [${problems.join(' ')}]`];
}
