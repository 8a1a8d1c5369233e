/** Programs that ask for names: `dig`, `host`, `nslookup`, `getent`. They print as those of BIND, busybox and musl. */
import { ask, type Client, type DnsAnswer, lookup, searchList } from '../names.ts';
import type { Run } from './shell.ts';
import type { Surroundings } from './system.ts';

const TYPES = /^(A|AAAA|SRV|PTR|CNAME|MX|NS|SOA|TXT|ANY)$/i;
/** `dig` when nobody answers. */
const NO_REPLY = 9;

interface Question {
  name: string;
  type: string;
  server: string | undefined;
  short: boolean;
  search: boolean;
  tcp: boolean;
  /** Which parts of the answer are shown: `+noall` hides all, `+answer` shows one. */
  shows: (part: 'comments' | 'answer') => boolean;
}

export function dnsTools({ world, pod, dns }: Surroundings): Record<string, Run> {
  const client: Client = { namespace: pod.metadata.namespace ?? '', pod };

  return {
    getent: (args, io) => {
      const [database, name = ''] = args;
      const found = database === 'hosts' || database === 'ahosts' ? lookup(world, name, client) : undefined;
      for (const one of found?.addresses ?? []) io.out(`${one.padEnd(16)}  ${found?.name}  ${name}\n`);
      return found === undefined ? 2 : 0;
    },
    host: (args, io) => {
      const [name = ''] = args.filter((arg) => !arg.startsWith('-'));
      const answer = ask(world, client, name, 'A', true);
      if (answer === undefined) {
        io.out(';; connection timed out; no servers could be reached\n');
        return 1;
      }
      if (answer.status === 'NXDOMAIN') {
        io.out(`Host ${name} not found: 3(NXDOMAIN)\n`);
        return 1;
      }
      for (const { name: full, type, data } of answer.records)
        io.out(
          type === 'CNAME'
            ? `${full.slice(0, -1)} is an alias for ${data}\n`
            : `${full.slice(0, -1)} has address ${data}\n`,
        );
      return 0;
    },
    dig: (args, io) => {
      const asked = question(args);
      const { name, type, server, short, search, shows } = asked;
      const answer = ask(world, client, name, type, search, server);
      const at = server ?? dns;
      if (answer === undefined) {
        io.out(
          `${`;; communications error to ${at}#53: timed out\n`.repeat(3)}${short || !shows('comments') ? '' : `\n; <<>> DiG 9.18.39 <<>> ${args.join(' ')}\n;; global options: +cmd\n`};; no servers could be reached\n`,
        );
        return NO_REPLY;
      }
      if (short) {
        for (const { data } of answer.records) io.out(`${data}\n`);
        return 0;
      }
      const lines = answer.records.map((one) => `${one.name}\t\t${one.ttl}\tIN\t${one.type}\t${one.data}\n`).join('');
      if (shows('comments')) io.out(heading(args, answer, type));
      if (shows('answer') && lines !== '') io.out(shows('comments') ? `;; ANSWER SECTION:\n${lines}\n` : lines);
      if (shows('comments'))
        io.out(
          `;; Query time: 1 msec\n;; SERVER: ${at}#53(${at}) (${asked.tcp ? 'TCP' : 'UDP'})\n;; WHEN: ${new Date(world.now()).toUTCString()}\n;; MSG SIZE  rcvd: ${100 + lines.length}\n\n`,
        );
      return 0;
    },
    nslookup: (args, io) => {
      const [name, server] = args.filter((arg) => !arg.startsWith('-'));
      if (name === undefined) {
        io.err('Usage: nslookup [-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]\n');
        return 1;
      }
      const at = server ?? dns;
      const typed = args.map((arg) => /^-(?:q|query|type)=(\w+)$/i.exec(arg)?.[1]).find((one) => one !== undefined);
      const reverse = reverseOf(name);
      const type = typed?.toUpperCase() ?? (reverse === undefined ? 'A' : 'PTR');
      const answer = ask(world, client, reverse ?? name, type, true, server);
      if (answer === undefined) {
        io.out(';; connection timed out; no servers could be reached\n\n');
        return 1;
      }
      io.out(`Server:\t\t${at}\nAddress:\t${at}:53\n\n`);
      if (answer.status === 'NXDOMAIN') {
        const shown = reverse ?? (name.includes('.') ? name : `${name}.${searchList(client.namespace)[0]}`);
        io.out(`** server can't find ${shown}: NXDOMAIN\n\n`);
        return 1;
      }
      for (const { name: full, type: kind, data } of answer.records) {
        const plain = full.slice(0, -1);
        const value = data.replace(/\.$/, '');
        if (kind === 'A') io.out(`Name:\t${plain}\nAddress: ${value}\n`);
        else if (kind === 'CNAME') io.out(`${plain}\tcanonical name = ${value}\n`);
        else if (kind === 'PTR') io.out(`${plain}\tname = ${value}\n`);
        else if (kind === 'SRV') io.out(`${plain}\tservice = ${value}\n`);
        else io.out(`${plain}\ttext = ${value}\n`);
      }
      io.out('\n');
      return 0;
    },
  };

  function heading(args: readonly string[], { name, status, records }: DnsAnswer, type: string): string {
    return `\n; <<>> DiG 9.18.39 <<>> ${args.join(' ')}\n;; global options: +cmd\n;; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: ${status}, id: ${world.random.integer(1000, 65_000)}\n;; flags: qr aa rd; QUERY: 1, ANSWER: ${records.length}, AUTHORITY: ${records.length === 0 ? 1 : 0}, ADDITIONAL: 1\n\n;; QUESTION SECTION:\n;${name}\t\tIN\t${type}\n\n`;
  }
}

function question(args: readonly string[]): Question {
  const reversed = args.indexOf('-x') + 1;
  const words = args.filter((arg, at) => !/^[-+@]/.test(arg) && !/^-[pxtq]$/.test(args[at - 1] ?? ''));
  const named = (flag: string) => (args.includes(flag) ? args[args.indexOf(flag) + 1] : undefined);
  const type = named('-t') ?? words.find((word) => TYPES.test(word));
  const name = named('-q') ?? words.find((word) => word !== type) ?? '.';
  const options = args.filter((arg) => arg.startsWith('+'));
  const last = (on: string, off: string, otherwise: boolean) => {
    const at = Math.max(options.lastIndexOf(on), options.lastIndexOf(off));
    return at < 0 ? otherwise : options[at] === on;
  };
  return {
    name: reversed > 0 ? (reverseOf(args[reversed] ?? '') ?? '.') : name,
    type: reversed > 0 ? 'PTR' : (type ?? 'A').toUpperCase(),
    server: args.find((arg) => arg.startsWith('@'))?.slice(1),
    short: last('+short', '+noshort', false),
    search: last('+search', '+nosearch', false),
    tcp: last('+tcp', '+notcp', false),
    shows: (part) =>
      options.reduce((shown, option) => {
        if (option === '+noall' || option === `+no${part}`) return false;
        return option === '+all' || option === `+${part}` ? true : shown;
      }, true),
  };
}

function reverseOf(address: string): string | undefined {
  return /^\d+(\.\d+){3}$/.test(address) ? `${address.split('.').reverse().join('.')}.in-addr.arpa` : undefined;
}
