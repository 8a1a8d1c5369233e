import { expect, test } from 'vitest';
import { commandsOf, endingWords, liveScript } from './script-kind.ts';

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
  // What these print is in files, or comes of other commands.
  [{ command: ['sh', '-c', 'while true; do echo "sport: $(cat /etc/config/sport)"; sleep 2; done'] }, true],
  [{ command: ['sh', '-c', 'while :; do ls /data | wc -l; sleep 1; done'] }, true],
  [{ command: ['sh', '-c', 'i=0; while true; do echo "$i: $(date)"; i=$((i+1)); sleep 1; done'] }, false],
  [{ command: ['sh', '-c', 'trap "exit 0" TERM; while true; do sleep 1; done'] }, true],
  [{ command: ['sh', '-c', 'trap "rm /tmp/lock" EXIT; date > /tmp/lock'] }, true],
  // Nobody has these.
  [{ command: ['sh', '-c', 'wget -q http://x/app.jar && java -jar app.jar'] }, false],
  [{ command: ['sh', '-c', 'until nc -z db 5432; do sleep 1; done; exec ./server'] }, false],
  [{ command: ['sh', '-c', 'while true; do $WORK; cat x; sleep 1; done'] }, false],
  // Those end at once, and are run as they start.
  [{ command: ['sh', '-c', 'touch /tmp/x'] }, false],
  [{ command: ['sleep', '3600'], ...probed }, false],
  [{ image: 'nginx' }, false],
  [{ image: 'registry.k8s.io/agnhost:2', args: ['mounttest', '--file_content_in_loop=/a'] }, true],
  [{ image: 'registry.k8s.io/agnhost:2', args: ['mounttest', '--file_content=/a'] }, false],
])('%j is run for real: %s', (container, live) => {
  expect(liveScript(container) !== null).toBe(live);
});

test.each([
  ['a; b && c | d || e & f', ['a', 'b', 'c', 'd', 'e', 'f']],
  ['X=1 Y=2 run -x; Z=3', ['run']],
  ['if [ -f a ]; then b; elif c; then d; else e; fi', ['[', 'b', 'c', 'd', 'e', 'fi']],
  ['for i in 1 2 3; do echo "$i; no" \'; nor\'; done', ['for', 'echo', 'done']],
  ['echo "$(cat a | wc -l)" `ls`', ['echo', 'cat', 'wc', 'ls']],
  ['n=$((n+1)); echo $n > /out 2>&1', ['echo']],
  ['say() { echo hi; }; say', ['echo']],
  ['# comment; x\nrun', ['run']],
  ['$CMD a', ['$CMD']],
])('the commands of %j', (script, commands) => {
  expect(commandsOf(script)).toEqual(commands);
});

test.each([
  [{ command: ['id', '-u'] }, true],
  [{ command: ['/bin/ls', '-l', '/data'] }, true],
  [{ command: ['sh', '-c', 'cat /etc/config/a'] }, true],
  // Those go on, or are not here.
  [{ command: ['tail', '-f', '/dev/null'] }, false],
  [{ command: ['top'] }, false],
  [{ command: ['sh', '-c', 'trap "exit 0" TERM'] }, false],
  [{ command: ['java', '-version'] }, false],
])('%j says something and ends: %s', (own, ends) => {
  expect(endingWords({ image: 'busybox', ...own }) !== null).toBe(ends);
});
