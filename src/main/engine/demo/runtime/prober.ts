/**
 * What the probes of a container find: whether its program listens, what it answers, how a command ends in its files.
 * A program that the simulation does not know is taken to be well. Words are kubelet's (pkg/probe, pkg/kubelet/prober).
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { durationText } from '../kubelet/back-off.ts';
import type { ProbeAnswer } from '../kubelet/probing.ts';
import type { ProbeRequest } from '../sim/world.ts';
import type { Endpoint } from './network.ts';
import { listensOn, programOf } from './programs.ts';
import type { WebResponse } from './web.ts';

export interface ProberHost {
  /** What the endpoint answers, and whether files of its container have a say in that; null: it speaks no HTTP. */
  serve(
    endpoint: Endpoint,
    path: string,
    headers: Record<string, string>,
    containerId: string,
  ): Promise<(WebResponse & { fromFiles: boolean }) | null>;
  /** Exit code and output of a command; null: no such program is known, or it was not over in time. */
  run(pod: KubeObject, request: ProbeRequest, command: string[], timeoutMs: number): Promise<CommandEnd>;
}

/** `late`: it was stopped; `unknown`: it, or something it calls, is not known. */
export type CommandEnd = { code: number; text: string } | 'late' | 'unknown';

/** kubelet reads no more of what a command says. */
const MOST_OUTPUT = 10 << 10;
const MOST_HOPS = 10;
const GOOD: ProbeAnswer = { failure: null, settled: true };

export async function askProbe(host: ProberHost, pod: KubeObject, request: ProbeRequest): Promise<ProbeAnswer> {
  const { probe } = request;
  if (probe.exec !== undefined) return await byCommand(host, pod, request);
  const action: Json | undefined = probe.httpGet ?? probe.tcpSocket ?? probe.grpc;
  if (action === undefined) return GOOD;
  const port = portOf(request.spec, action.port);
  if (typeof port === 'string') return { failure: port, errored: true };
  // Whoever answers at another address is nobody of this cluster.
  if (action.host !== undefined && action.host !== '') return GOOD;
  const listener = listenerOf(pod, request.spec, port);
  const address = `${request.ip}:${port}`;
  if (probe.httpGet !== undefined) return await byRequest(host, pod, request, listener, port);
  if (listener !== null) return GOOD;
  if (probe.tcpSocket !== undefined) return { failure: `dial tcp ${address}: connect: connection refused` };
  const within = durationText(probe.timeoutSeconds ?? 1);
  return {
    failure: `timeout: failed to connect service "${address}" within ${within}: context deadline exceeded`,
  };
}

async function byCommand(host: ProberHost, pod: KubeObject, request: ProbeRequest): Promise<ProbeAnswer> {
  const command: string[] = request.probe.exec.command ?? [];
  if (!programOf(request.spec).shell || command.length === 0) return GOOD;
  const end = await host.run(pod, request, command, (request.probe.timeoutSeconds ?? 1) * 1000);
  if (end === 'unknown') return GOOD;
  if (end === 'late')
    return {
      failure: `command timed out: "${command.join(' ')}" timed out after ${durationText(request.probe.timeoutSeconds ?? 1)}`,
    };
  return { failure: end.code === 0 ? null : end.text.slice(0, MOST_OUTPUT) };
}

async function byRequest(
  host: ProberHost,
  pod: KubeObject,
  request: ProbeRequest,
  listener: Json | null,
  port: number,
): Promise<ProbeAnswer> {
  const { httpGet } = request.probe;
  const scheme = String(httpGet.scheme ?? 'HTTP').toLowerCase();
  const path: string = httpGet.path ?? '/';
  const url = `${scheme}://${request.ip}:${port}${path.startsWith('/') ? path : `/${path}`}`;
  if (listener === null)
    return { failure: `Get "${url}": dial tcp ${request.ip}:${port}: connect: connection refused` };
  const { kind, http } = programOf(listener);
  if (kind === 'shell') return GOOD;
  if (!http) return { failure: `Get "${url}": EOF` };
  // Only of these it is known that they do not speak TLS.
  if (scheme === 'https')
    return (kind === 'nginx' || kind === 'httpd') && port === 80
      ? { failure: `Get "${url}": http: server gave HTTP response to HTTPS client` }
      : GOOD;
  const headers: Record<string, string> = { host: `${request.ip}:${port}`, 'user-agent': 'kube-probe' };
  for (const { name, value } of (httpGet.httpHeaders ?? []) as Json[]) headers[String(name).toLowerCase()] = value;
  const shown = (one: URL) => `${scheme}://${one.hostname}:${one.port || port}${one.pathname}${one.search}`;
  let at = new URL(url);
  let answer: Awaited<ReturnType<ProberHost['serve']>> = null;
  for (let hop = 0; ; hop++) {
    const endpoint = { pod, container: listener, port };
    answer = await host.serve(endpoint, `${at.pathname}${at.search}`, headers, request.containerId);
    if (answer === null) return { failure: `Get "${shown(at)}": EOF` };
    const location = answer.status >= 300 && answer.status < 400 ? answer.headers['location'] : undefined;
    if (location === undefined) break;
    const next = new URL(location, at);
    // Whoever sends the probe elsewhere is well, as far as can be said.
    if (next.hostname !== at.hostname)
      return { failure: null, warning: `Probe terminated redirects, Response body: ${answer.body}` };
    if (hop >= MOST_HOPS) return { failure: `Get "${shown(next)}": stopped after ${MOST_HOPS} redirects` };
    at = next;
  }
  return answer.status >= 200 && answer.status < 400
    ? { failure: null, settled: !answer.fromFiles && kind !== 'agnhost' }
    : { failure: `HTTP probe failed with statuscode: ${answer.status}` };
}

/** The port of a probe, or why there is none. */
function portOf(spec: Json, port: string | number): number | string {
  const named = (spec.ports ?? []).find((one: Json) => one.name === port)?.containerPort;
  const found = named ?? port;
  if (typeof found === 'string' && !/^[-+]?\d+$/.test(found))
    return `strconv.Atoi: parsing ${JSON.stringify(found)}: invalid syntax`;
  return Number(found);
}

/** Who listens on the port in the pod: its containers share their addresses. */
function listenerOf(pod: KubeObject, spec: Json, port: number): Json | null {
  if (mayListen(spec, port)) return spec;
  const others: Json[] = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
  return others.find((other) => other.name !== spec.name && listensOn(other, port)) ?? null;
}

/** A program that nobody knows listens where its probes ask it, unless it declares other ports; a script where it names the port. */
function mayListen(spec: Json, port: number): boolean {
  const { kind } = programOf(spec);
  if (kind === 'service') return true;
  if (kind === 'shell')
    return new RegExp(`\\b${port}\\b`).test([...(spec.command ?? []), ...(spec.args ?? [])].join(' '));
  return listensOn(spec, port);
}
