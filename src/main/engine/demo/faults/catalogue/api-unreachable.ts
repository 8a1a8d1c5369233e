/** The API server cannot be reached: its port is closed, or connections are swallowed as by a firewall. */
import type { FaultDefinition } from '../types.ts';

export const apiUnreachable: FaultDefinition = {
  id: 'api-unreachable',
  scope: 'cluster',
  parameters: [{ name: 'port', type: 'choice', choices: ['closed', 'silent'], initial: 'closed' }],
  effect: { kind: 'door', of: ({ port }) => ({ port: port === 'silent' ? 'silent' : 'closed' }) },
};
