/** The same connection for work of one urgency: what is asked through it has that priority unless it says another. */
import type { RequestPriority } from './budget.ts';
import type { KubeTransport } from './types.ts';

export function withPriority(transport: KubeTransport, priority: RequestPriority): KubeTransport {
  const { raw, upgrade } = transport;
  return {
    server: transport.server,
    request: (request) => transport.request({ priority, ...request }),
    stream: (request) => transport.stream({ priority, ...request }),
    ...(raw === undefined ? {} : { raw: (request) => raw({ priority, ...request }) }),
    ...(upgrade === undefined ? {} : { upgrade: (request) => upgrade({ priority, ...request }) }),
    compress: () => transport.compress?.() ?? false,
    certificates: async () => (await transport.certificates?.()) ?? {},
    close: () => transport.close(),
  };
}
