import { expect, test } from 'vitest';
import { liveScript } from './script-kind.ts';

const probed = { livenessProbe: { exec: { command: ['cat', '/tmp/healthy'] } } };

test.each([
  [{ args: ['/bin/sh', '-c', 'touch /tmp/healthy; sleep 30; rm -f /tmp/healthy; sleep 600'] }, true],
  [{ command: ['sh', '-ec'], args: ['while true; do date >> /data/log; sleep 1; done'] }, true],
  [{ command: ['bash', '-c', 'sleep 5; echo done > "$OUT"'] }, true],
  [{ command: ['sh', '-c', 'sleep 3600'], ...probed }, true],
  // Nobody can see from its files what these have done.
  [{ command: ['sh', '-c', 'while true; do date; sleep 1; done'] }, false],
  [{ command: ['sh', '-c', 'sleep 5; echo failed >&2; exit 3'] }, false],
  [{ command: ['sh', '-c', 'sleep 5 > /dev/null 2>&1'] }, false],
  // Those ask others, whose answers nobody can read from a text.
  [{ args: ['wget', '-qO-', 'http://web'] }, true],
  [{ command: ['/usr/bin/curl'], args: ['-s', 'http://web'] }, true],
  [{ command: ['sh', '-c', 'until nslookup db; do echo waiting; sleep 2; done'] }, true],
  [{ command: ['sh', '-c', 'while sleep 0.01; do wget -q -O- http://web; done'] }, true],
  [{ command: ['sh', '-c', 'timeout 5 nc -z web 80 && echo ok'] }, true],
  [{ command: ['sh', '-c', 'echo "ask the host: curl it"'] }, false],
  // Those end at once, and are run as they start.
  [{ command: ['sh', '-c', 'touch /tmp/x'] }, false],
  [{ command: ['sleep', '3600'], ...probed }, false],
  [{ image: 'nginx' }, false],
])('%j is run for real: %s', (container, live) => {
  expect(liveScript(container) !== null).toBe(live);
});
