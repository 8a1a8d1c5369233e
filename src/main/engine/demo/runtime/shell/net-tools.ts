/** Programs that look at a container's network: its addresses, what listens, and who answers. */
import type { Json } from '#shared/kubernetes/types.ts';
import { pause } from '../logs.ts';
import { lookup } from '../names.ts';
import { DialError } from '../network.ts';
import { capabilitiesOf } from './capabilities.ts';
import { flagsOf, optionOf } from './options.ts';
import type { Run } from './shell.ts';
import type { Surroundings } from './system.ts';

const MTU = 1500;
/** What the C library says of it. */
const TOLD: Readonly<Record<string, string>> = {
  'connection refused': 'Connection refused',
  'i/o timeout': 'Operation timed out',
  'no route to host': 'No route to host',
};

export function netTools(around: Surroundings): Record<string, Run> {
  const { world, pod, container, program } = around;
  const address: string = pod.status?.podIP ?? '';
  const gateway = `${address.split('.').slice(0, 3).join('.')}.1`;
  const hardware = `02:42:${address
    .split('.')
    .map((part) => Number(part).toString(16).padStart(2, '0'))
    .join(':')}`;
  const find = (name: string) => lookup(world, name, { namespace: pod.metadata.namespace ?? '', pod });
  const ports = [
    ...new Set<number>([
      ...program.ports,
      ...((container.ports ?? []) as Json[])
        .filter(({ protocol }) => (protocol ?? 'TCP') === 'TCP')
        .map(({ containerPort }) => containerPort),
    ]),
  ].sort((a, b) => a - b);
  const listening = program.kind === 'shell' ? [] : ports;
  const process = program.command.split(/[\s:]/)[0]?.split('/').at(-1) ?? '';

  function interfaces(only: string | undefined): string {
    const lo = `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN qlen 1000\n    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n    inet 127.0.0.1/8 scope host lo\n       valid_lft forever preferred_lft forever\n`;
    const eth = `2: eth0@if12: <BROADCAST,MULTICAST,UP,LOWER_UP,M-DOWN> mtu ${MTU} qdisc noqueue state UP qlen 1000\n    link/ether ${hardware} brd ff:ff:ff:ff:ff:ff\n    inet ${address}/24 brd ${gateway.replace(/1$/, '255')} scope global eth0\n       valid_lft forever preferred_lft forever\n`;
    if (only === undefined) return lo + eth;
    return only === 'lo' ? lo : only === 'eth0' ? eth : '';
  }

  const sockets: Run = (args, io) => {
    const { flags } = flagsOf(args);
    const named = flags.has('p');
    io.out(
      `Active Internet connections (only servers)\nProto Recv-Q Send-Q Local Address           Foreign Address         State       ${named ? 'PID/Program name    ' : ''}\n`,
    );
    for (const port of listening)
      io.out(
        `tcp        0      0 ${`0.0.0.0:${port}`.padEnd(23)} 0.0.0.0:*               LISTEN      ${named ? `1/${process}` : ''}\n`,
      );
    return 0;
  };

  return {
    ip: (args, io, shell) => {
      const [object = '', ...rest] = args.filter((arg) => !/^-[46osbr]*$/.test(arg));
      if (/^(add|del|delete|set|change|replace|flush)$/.test(rest[0] ?? '')) {
        if (capabilitiesOf(container).has('NET_ADMIN')) return 0;
        io.err('ip: RTNETLINK answers: Operation not permitted\n');
        return 2;
      }
      if (/^a(d|dd|ddr|ddre|ddres|ddress)?$/.test(object) || /^l(i|in|ink)?$/.test(object)) {
        const only = rest.filter((word) => !/^(show|sh|list|ls|dev)$/.test(word))[0];
        const text = interfaces(only);
        if (text === '') {
          io.err(`ip: can't find device '${only}'\n`);
          return 1;
        }
        io.out(object.startsWith('l') ? text.replace(/^ {4}inet.*\n.*\n/gm, '') : text);
        return 0;
      }
      if (/^r(o|ou|out|oute)?$/.test(object)) {
        io.out(
          `default via ${gateway} dev eth0 \n${gateway.replace(/1$/, '0')}/24 dev eth0 scope link  src ${address} \n`,
        );
        return 0;
      }
      if (/^n(e|ei|eigh|eighbour)?$/.test(object)) {
        io.out(`${gateway} dev eth0 lladdr ee:ee:ee:ee:ee:ee REACHABLE \n`);
        return 0;
      }
      io.err(`${shell.name === 'bash' ? '' : 'BusyBox '}Usage: ip [OPTIONS] address|route|link|neigh [ARGS]\n`);
      return 1;
    },
    ifconfig: (args, io) => {
      const show = (name: string) => args.length === 0 || args.includes(name) || args.includes('-a');
      if (show('eth0'))
        io.out(
          `eth0      Link encap:Ethernet  HWaddr ${hardware.toUpperCase()}  \n          inet addr:${address}  Bcast:${gateway.replace(/1$/, '255')}  Mask:255.255.255.0\n          UP BROADCAST RUNNING MULTICAST  MTU:${MTU}  Metric:1\n\n`,
        );
      if (show('lo'))
        io.out(
          'lo        Link encap:Local Loopback  \n          inet addr:127.0.0.1  Mask:255.0.0.0\n          UP LOOPBACK RUNNING  MTU:65536  Metric:1\n\n',
        );
      return 0;
    },
    route: (_args, io) => {
      io.out(
        `Kernel IP routing table\nDestination     Gateway         Genmask         Flags Metric Ref    Use Iface\n${'default'.padEnd(16)}${gateway.padEnd(16)}${'0.0.0.0'.padEnd(16)}UG    0      0        0 eth0\n${gateway.replace(/1$/, '0').padEnd(16)}${'*'.padEnd(16)}${'255.255.255.0'.padEnd(16)}U     0      0        0 eth0\n`,
      );
      return 0;
    },
    netstat: sockets,
    ss: (args, io) => {
      const { flags } = flagsOf(args);
      io.out('State    Recv-Q   Send-Q     Local Address:Port     Peer Address:Port  Process\n');
      for (const port of listening)
        io.out(
          `LISTEN   0        511              0.0.0.0:${String(port).padEnd(5)}        0.0.0.0:*      ${flags.has('p') ? `users:(("${process}",pid=1,fd=6))` : ''}\n`,
        );
      return 0;
    },
    ping: async (args, io, shell) => {
      const counted = optionOf(args, '-c');
      const waited = optionOf(counted.words, '-W', '-w', '-i', '-s');
      const [name = ''] = waited.words.filter((word) => !word.startsWith('-'));
      const found = find(name);
      const [target = ''] = found?.addresses ?? [];
      if (found === undefined) {
        io.err(`ping: bad address '${name}'\n`);
        return 1;
      }
      const count = Math.min(Number(counted.value ?? 4) || 4, 100);
      const answers = answersPing(target);
      io.out(`PING ${name} (${target}): 56 data bytes\n`);
      for (let sequence = 0; sequence < count && !shell.signal.aborted; sequence++) {
        if (sequence > 0) await pause(1000, shell.signal);
        if (answers)
          io.out(
            `64 bytes from ${target}: seq=${sequence} ttl=63 time=${world.random.between(0.08, 0.9).toFixed(3)} ms\n`,
          );
      }
      const got = answers ? count : 0;
      io.out(
        `\n--- ${name} ping statistics ---\n${count} packets transmitted, ${got} packets received, ${Math.round(((count - got) / count) * 100)}% packet loss\n`,
      );
      if (answers) io.out('round-trip min/avg/max = 0.081/0.412/0.894 ms\n');
      return answers ? 0 : 1;
    },
    telnet: (args, io) => {
      const [host = '', port = '23'] = flagsOf(args).words;
      try {
        around.connect(host, Number(port), 'TCP');
      } catch (error) {
        if (!(error instanceof DialError)) throw error;
        const unknown = error.message === 'no such host';
        io.err(
          unknown
            ? `telnet: bad address '${host}'\n`
            : `telnet: can't connect to remote host (${find(host)?.addresses[0] ?? host}): ${TOLD[error.message] ?? error.message}\n`,
        );
        return 1;
      }
      io.out(`Connected to ${host}\n`);
      io.err('Connection closed by foreign host\n');
      return 1;
    },
    traceroute: (args, io) => {
      const [name = ''] = args.filter((arg) => !arg.startsWith('-'));
      const found = find(name);
      if (found === undefined) {
        io.err(`traceroute: bad address '${name}'\n`);
        return 1;
      }
      const [target = ''] = found.addresses;
      io.out(
        `traceroute to ${name} (${target}), 30 hops max, 46 byte packets\n 1  ${gateway} (${gateway})  0.011 ms  0.008 ms  0.007 ms\n 2  ${target} (${target})  0.402 ms  0.310 ms  0.287 ms\n`,
      );
      return 0;
    },
  };

  /** Pods and machines do; a Service's address is nobody's, and what is outside cannot be reached. */
  function answersPing(target: string): boolean {
    if (target === address || target === '127.0.0.1' || target === gateway) return true;
    if (world.caches.pods.list().some((one) => one.status?.podIP === target)) return true;
    return world.caches.nodes
      .list()
      .some((node) => (node.status?.addresses ?? []).some((one: Json) => one.address === target));
  }
}
