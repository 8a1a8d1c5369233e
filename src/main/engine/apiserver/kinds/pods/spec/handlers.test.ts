import { judge } from '../../test-support.ts';
import { validateHandlers } from './handlers.ts';

const probe = { tcpSocket: { port: 80 }, successThreshold: 1 };
const GRACE = 30;

judge(
  (container) => validateHandlers(container, GRACE, 'c'),
  [
    [
      'a probe does something',
      { livenessProbe: { successThreshold: 1 } },
      ['c.livenessProbe: Required value: must specify a handler type'],
      { livenessProbe: probe },
    ],
    [
      'a probe does one thing',
      { readinessProbe: { ...probe, exec: { command: ['true'] } } },
      ['c.readinessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type'],
      { readinessProbe: { exec: { command: ['true'] } } },
    ],
    [
      'a command has words',
      { startupProbe: { exec: {}, successThreshold: 1 } },
      ['c.startupProbe.exec.command: Required value'],
      { startupProbe: { exec: { command: ['true'] }, successThreshold: 1 } },
    ],
    [
      'a port is a number or a name',
      { readinessProbe: { httpGet: { path: '/', scheme: 'HTTP', port: 'Web' } } },
      [
        'c.readinessProbe.httpGet.port: Invalid value: "Web": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
      ],
      { readinessProbe: { httpGet: { path: '/', scheme: 'HTTPS', port: 'web' } } },
    ],
    [
      'a port can be asked for',
      { readinessProbe: { grpc: { port: 0 } } },
      ['c.readinessProbe.grpc.port: Invalid value: 0: must be between 1 and 65535, inclusive'],
      { readinessProbe: { grpc: { port: 65535 } } },
    ],
    [
      'a header has a name of HTTP',
      { readinessProbe: { httpGet: { path: '/', scheme: 'HTTP', port: 1, httpHeaders: [{ name: 'a b' }] } } },
      [
        "c.readinessProbe.httpGet.httpHeaders: Invalid value: \"a b\": a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')",
      ],
      { readinessProbe: { httpGet: { path: '/', scheme: 'HTTP', port: 1, httpHeaders: [{ name: 'X-A' }] } } },
    ],
    [
      'what is alive is so after one success',
      { livenessProbe: { ...probe, successThreshold: 2 } },
      ['c.livenessProbe.successThreshold: Invalid value: 2: must be 1'],
      { readinessProbe: { ...probe, successThreshold: 2 } },
    ],
    [
      'times are not negative',
      { readinessProbe: { ...probe, periodSeconds: -1 } },
      ['c.readinessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0'],
      { readinessProbe: { ...probe, initialDelaySeconds: 0, failureThreshold: 3 } },
    ],
    [
      'who is not ready is not ended',
      { readinessProbe: { ...probe, terminationGracePeriodSeconds: 5 } },
      ['c.readinessProbe.terminationGracePeriodSeconds: Invalid value: 5: must not be set for readinessProbes'],
      { livenessProbe: { ...probe, terminationGracePeriodSeconds: 5 } },
    ],
    [
      'there is some time to end',
      { livenessProbe: { ...probe, terminationGracePeriodSeconds: 0 } },
      ['c.livenessProbe.terminationGracePeriodSeconds: Invalid value: 0: must be greater than 0'],
      { livenessProbe: { ...probe, terminationGracePeriodSeconds: 1 } },
    ],
    [
      'a hook does something',
      { lifecycle: { preStop: {} } },
      ['c.lifecycle.preStop: Required value: must specify a handler type'],
      { lifecycle: { preStop: { exec: { command: ['sync'] } } } },
    ],
    [
      'a hook sleeps no longer than the pod has',
      { lifecycle: { preStop: { sleep: { seconds: 31 } } } },
      [
        'c.lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)',
      ],
      { lifecycle: { preStop: { sleep: { seconds: 0 } } } },
    ],
  ],
);
