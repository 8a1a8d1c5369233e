/** Resources this area asks for. */
import type { ResourceRef } from '#shared/kubernetes/types.ts';

export const NODES: ResourceRef = { group: '', version: 'v1', resource: 'nodes' };
export const NAMESPACES: ResourceRef = { group: '', version: 'v1', resource: 'namespaces' };
