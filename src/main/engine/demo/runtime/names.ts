/**
 * Names inside a simulated cluster: what CoreDNS answers for them, and how a program of a pod finds an address, by its
 * hosts file and its resolver's settings. Sources: Kubernetes documentation "DNS for Services and Pods", the DNS-based
 * service discovery specification, pkg/kubelet/network/dns.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { nameOf, namespaceOf } from '../sim/objects.ts';
import type { World } from '../sim/world.ts';
import { reaches } from './reach.ts';
import { endpointsOf, type ServiceEndpoint } from './service-routes.ts';

const DOMAIN = 'cluster.local';
const REVERSE = '.in-addr.arpa';
/** What a machine outside the cluster asks. */
const MACHINE_DNS = '10.0.0.2';
const TTL_S = 30;
const DNS_PORT = 53;
/** More search domains, characters of them and name servers kubelet leaves out. */
const MOST_SEARCHES = 32;
const MOST_SEARCH_CHARACTERS = 2048;
const MOST_SERVERS = 3;

/** Who asks: a pod, or something in a namespace. */
export interface Client {
  namespace: string;
  pod?: KubeObject;
}

export interface DnsRecord {
  /** With the dot at its end, as in all names of `data`. */
  name: string;
  type: string;
  ttl: number;
  data: string;
}

export interface DnsAnswer {
  status: 'NOERROR' | 'NXDOMAIN';
  /** The name that was asked for in the end, with the dot at its end. */
  name: string;
  records: DnsRecord[];
}

export interface Resolver {
  searches: string[];
  servers: string[];
  options: ReadonlyMap<string, string | undefined>;
}

export interface Found {
  name: string;
  addresses: string[];
  /** The name that an ExternalName leads to. */
  canonical?: string;
}

/** Addresses of the Service that are given away as answers: those of ready endpoints. */
function readyEndpoints(world: World, service: KubeObject): ServiceEndpoint[] {
  return endpointsOf(world.caches, service).filter(({ ready }) => ready);
}

/** Where the cluster's DNS is. */
export function clusterDns(world: World): string {
  return world.caches.services.get('kube-system/kube-dns')?.spec?.clusterIP ?? '10.96.0.10';
}

/** Settings of a pod's resolver, as kubelet writes them to `/etc/resolv.conf`. */
export function resolverOf(pod: KubeObject, dns: string): Resolver {
  const { dnsPolicy, dnsConfig, hostNetwork }: Json = pod.spec ?? {};
  const given: Json = dnsConfig ?? {};
  const outside = dnsPolicy === 'Default' || (hostNetwork === true && dnsPolicy === 'ClusterFirst');
  const base: Resolver =
    dnsPolicy === 'None'
      ? { searches: [], servers: [], options: new Map() }
      : outside
        ? { searches: [], servers: [MACHINE_DNS], options: new Map() }
        : { searches: searchList(namespaceOf(pod)), servers: [dns], options: new Map([['ndots', '5']]) };
  const options = new Map(base.options);
  for (const { name, value } of (given.options ?? []) as Json[]) options.set(name, value);
  return {
    searches: fitting([...new Set<string>([...base.searches, ...(given.searches ?? [])])]),
    servers: [...new Set<string>([...base.servers, ...(given.nameservers ?? [])])].slice(0, MOST_SERVERS),
    options,
  };
}

/** Search list of a pod, first match wins: the pod's namespace, svc, the cluster's domain. */
export function searchList(namespace: string): string[] {
  return [`${namespace}.svc.${DOMAIN}`, `svc.${DOMAIN}`, DOMAIN];
}

function fitting(searches: readonly string[]): string[] {
  const fit = searches.slice(0, MOST_SEARCHES);
  while (fit.join(' ').length > MOST_SEARCH_CHARACTERS) fit.pop();
  return fit;
}

/** What a pod is called by itself. */
export function hostnameOf(pod: KubeObject): string {
  const { hostname, hostnameOverride, hostNetwork, nodeName, setHostnameAsFQDN }: Json = pod.spec ?? {};
  if (hostnameOverride !== undefined) return hostnameOverride;
  if (hostNetwork === true && nodeName !== undefined) return nodeName;
  const short = (hostname ?? nameOf(pod).slice(0, 63)).replace(/[-.]+$/, '');
  const domain = domainOf(pod);
  return setHostnameAsFQDN === true && domain !== '' ? `${short}.${domain}` : short;
}

/** Of pods with a subdomain; empty otherwise. */
function domainOf(pod: KubeObject): string {
  const { subdomain }: Json = pod.spec ?? {};
  return subdomain === undefined ? '' : `${subdomain}.${namespaceOf(pod)}.svc.${DOMAIN}`;
}

/** `/etc/hosts` of a pod, as kubelet writes it. */
export function hostsFile(pod: KubeObject): string {
  const { hostNetwork, hostname, hostnameOverride }: Json = pod.spec ?? {};
  const loopback =
    '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n';
  const aliases: Json[] = pod.spec?.hostAliases ?? [];
  const added = aliases.map(({ ip, hostnames }) => `${ip}\t${(hostnames ?? []).join('\t')}\n`).join('');
  const end = added === '' ? '' : `\n# Entries added by HostAliases.\n${added}`;
  const own = `${pod.status?.podIP ?? ''}\t`;
  if (hostNetwork === true)
    return `# Kubernetes-managed hosts file (host network).\n${loopback}${own}${hostnameOf(pod)}\n${end}`;
  const short = hostnameOverride ?? hostname ?? nameOf(pod).slice(0, 63);
  const domain = hostnameOverride === undefined ? domainOf(pod) : '';
  return `# Kubernetes-managed hosts file.\n${loopback}${own}${domain === '' ? '' : `${short}.${domain}\t`}${short}\n${end}`;
}

/** Full name and addresses as a program of the client finds them; undefined: no such host. */
export function lookup(world: World, name: string, client: Client): Found | undefined {
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) return { name, addresses: [name] };
  if (name === 'localhost') return { name, addresses: ['127.0.0.1'] };
  const written = client.pod === undefined ? undefined : inHosts(hostsFile(client.pod), name);
  if (written !== undefined) return written;
  const answer = ask(world, client, name, 'A', true);
  const addresses = answer?.records.filter(({ type }) => type === 'A').map(({ data }) => data) ?? [];
  if (answer === undefined || addresses.length === 0) return undefined;
  const canonical = answer.records.find(({ type }) => type === 'CNAME')?.data.slice(0, -1);
  return { name: answer.name.slice(0, -1), addresses, ...(canonical === undefined ? {} : { canonical }) };
}

function inHosts(hosts: string, name: string): Found | undefined {
  for (const line of hosts.split('\n')) {
    const [address = '', ...names] = line.split(/\s+/);
    if (address.includes('.') && names.includes(name)) return { name: names[0] ?? name, addresses: [address] };
  }
  return undefined;
}

/** A question to the name servers of the client, with its search list or without; undefined: none of them answers. */
export function ask(
  world: World,
  client: Client,
  name: string,
  type: string,
  search: boolean,
  server?: string,
): DnsAnswer | undefined {
  const { namespace, pod } = client;
  const dns = clusterDns(world);
  const resolver =
    pod === undefined
      ? { searches: searchList(namespace), servers: [dns], options: new Map([['ndots', '5']]) }
      : resolverOf(pod, dns);
  if (!(server === undefined ? resolver.servers : [server]).some((one) => isServing(world, one, pod))) return undefined;
  const absolute = name.endsWith('.');
  const plain = absolute ? name.slice(0, -1) : name;
  const searched = absolute || !search ? [] : resolver.searches.map((suffix) => `${plain}.${suffix}`);
  const dots = plain.split('.').length - 1;
  const first = dots >= Number(resolver.options.get('ndots') ?? 1);
  const candidates = first ? [plain, ...searched] : [...searched, plain];
  let last: DnsAnswer = { status: 'NXDOMAIN', name: `${plain}.`, records: [] };
  for (const candidate of candidates) {
    last = answerOf(world, candidate, type);
    if (last.records.length > 0) return last;
  }
  return last;
}

/** The cluster's DNS does while one of its pods is ready; nothing outside the cluster can be reached. */
function isServing(world: World, server: string, client: KubeObject | undefined): boolean {
  const service = world.caches.services.get('kube-system/kube-dns');
  if (service === undefined) return false;
  const endpoints = readyEndpoints(world, service).filter(({ target }) => {
    const pod = world.caches.pods.get(`kube-system/${target}`);
    return pod === undefined || reaches(world, client, { pod, port: DNS_PORT }, 'UDP');
  });
  return endpoints.length > 0 && (server === clusterDns(world) || endpoints.some(({ address }) => address === server));
}

/** What CoreDNS answers for a full name. */
function answerOf(world: World, full: string, type: string): DnsAnswer {
  const plain = full.toLowerCase();
  const name = `${plain}.`;
  const records = plain.endsWith(REVERSE) ? pointers(world, plain) : recordsOf(world, plain);
  if (records === undefined) return { status: 'NXDOMAIN', name, records: [] };
  const made = records.map(([kind, data]) => ({ name, type: kind, ttl: TTL_S, data }));
  const alias = made.find((one) => one.type === 'CNAME');
  if (alias !== undefined && type !== 'CNAME') {
    const { records: further } = answerOf(world, alias.data.slice(0, -1), type);
    return { status: 'NOERROR', name, records: [alias, ...further] };
  }
  return { status: 'NOERROR', name, records: made.filter((one) => type === 'ANY' || one.type === type) };
}

type Data = readonly [type: string, data: string];

/** Everything known under the name; undefined: there is no such name. */
function recordsOf(world: World, name: string): Data[] | undefined {
  if (name === DOMAIN || name === `svc.${DOMAIN}` || name === `pod.${DOMAIN}`) return [];
  if (name === `dns-version.${DOMAIN}`) return [['TXT', '"1.1.0"']];
  if (!name.endsWith(`.${DOMAIN}`)) return undefined;
  const labels = name.split('.').slice(0, -2);
  const kind = labels.pop();
  const namespace = labels.pop() ?? '';
  if (world.caches.namespaces.get(namespace) === undefined) return undefined;
  if (labels.length === 0) return [];
  if (kind === 'pod') {
    const address = (labels[0] ?? '').replaceAll('-', '.');
    return labels.length === 1 && /^\d+(\.\d+){3}$/.test(address) ? [['A', address]] : undefined;
  }
  const service = world.caches.services.get(`${namespace}/${labels.pop() ?? ''}`);
  return kind === 'svc' && service !== undefined ? ofService(world, service, labels) : undefined;
}

/** `before`: the labels in front of the Service's name, an endpoint or a port and its protocol. */
function ofService(world: World, service: KubeObject, before: readonly string[]): Data[] | undefined {
  const { spec } = service;
  const full = `${nameOf(service)}.${namespaceOf(service)}.svc.${DOMAIN}.`;
  if (spec?.type === 'ExternalName')
    return before.length === 0 ? [['CNAME', `${String(spec.externalName).replace(/\.$/, '')}.`]] : undefined;
  const [first = '', second = ''] = before;
  const ofPort = before.length === 2 && first.startsWith('_') && second.startsWith('_');
  const asked = (port: Json) =>
    !ofPort || (`_${port.name ?? ''}` === first && `_${String(port.protocol ?? 'TCP').toLowerCase()}` === second);
  if (spec?.clusterIP && spec.clusterIP !== 'None') {
    const served = ((spec.ports ?? []) as Json[])
      .filter(asked)
      .map(({ port }): Data => ['SRV', `0 100 ${port} ${full}`]);
    if (ofPort) return served.length === 0 ? undefined : served;
    return before.length === 0 ? [['A', spec.clusterIP], ...served] : undefined;
  }
  const endpoints = readyEndpoints(world, service);
  const some =
    before.length === 1 ? endpoints.filter((one) => labelOf(one) === first) : before.length === 0 ? endpoints : null;
  const found = ofPort ? endpoints : some;
  if (found === null || found.length === 0) return undefined;
  const served = found.flatMap((one) =>
    one.ports
      .filter(asked)
      .map(({ port }): Data => ['SRV', `0 ${Math.floor(100 / found.length)} ${port} ${labelOf(one)}.${full}`]),
  );
  if (ofPort) return served.length === 0 ? undefined : served;
  return [...found.map(({ address }): Data => ['A', address]), ...served];
}

/** What an endpoint is called under its Service. */
function labelOf({ hostname, address }: ServiceEndpoint): string {
  return hostname ?? address.replaceAll('.', '-');
}

/** Names of the address that `4.3.2.1.in-addr.arpa` stands for: a Service's own, or those of a pod behind Services. */
function pointers(world: World, reverse: string): Data[] | undefined {
  const address = reverse.slice(0, -REVERSE.length).split('.').reverse().join('.');
  const services = world.caches.services.list();
  const within = (service: KubeObject) => `${nameOf(service)}.${namespaceOf(service)}.svc.${DOMAIN}.`;
  const own = services.find(({ spec }) => spec?.clusterIP === address);
  if (own !== undefined) return [['PTR', within(own)]];
  const found = services.flatMap((service) =>
    readyEndpoints(world, service)
      .filter((one) => one.address === address)
      .map((one): Data => ['PTR', `${labelOf(one)}.${within(service)}`]),
  );
  return found.length === 0 ? undefined : found;
}
