/** Ports of containers, on the pod's address and on that of its node. Source: API reference core/v1 ContainerPort. */
import type { Json } from '#shared/kubernetes/types.ts';
import type { FieldError } from '../../../types.ts';
import { duplicate, eachAt, invalidAll, invalidValue, notSupported, required } from '../../validation/field.ts';

const PORT = 'must be between 1 and 65535, inclusive';
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];

export function isPort(port: unknown): boolean {
  return typeof port === 'number' && port >= 1 && port <= 65535;
}

/** IANA service names. */
export function portName(name: string): string[] {
  const problems: string[] = [];
  if (name.length > 15) problems.push('must be no more than 15 characters');
  if (!/^[-a-z0-9]+$/.test(name))
    problems.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(name)) problems.push('must contain at least one letter (a-z)');
  if (name.includes('--')) problems.push('must not contain consecutive hyphens');
  if (name.startsWith('-') || name.endsWith('-')) problems.push('must not begin or end with a hyphen');
  return problems;
}

/** A port as probes name it: its number, or its name in the container. */
export function validatePortReference(port: unknown, at: string): FieldError[] {
  if (typeof port === 'string') return invalidAll(at, port, portName(port));
  return isPort(port) ? [] : [invalidValue(at, port ?? 0, PORT)];
}

export function validatePorts(ports: Json, at: string): FieldError[] {
  const names = new Set<string>();
  return eachAt(ports, at, ({ name = '', containerPort, hostPort, protocol }, where) => {
    const errors: FieldError[] = [];
    if (name !== '') {
      const problems = portName(name);
      errors.push(...invalidAll(`${where}.name`, name, problems));
      if (problems.length === 0 && names.has(name)) errors.push(duplicate(`${where}.name`, name));
      else if (problems.length === 0) names.add(name);
    }
    if (!containerPort) errors.push(required(`${where}.containerPort`));
    else if (!isPort(containerPort)) errors.push(invalidValue(`${where}.containerPort`, containerPort, PORT));
    if (hostPort && !isPort(hostPort)) errors.push(invalidValue(`${where}.hostPort`, hostPort, PORT));
    if (!protocol) errors.push(required(`${where}.protocol`));
    else if (!PROTOCOLS.includes(protocol)) errors.push(notSupported(`${where}.protocol`, protocol, PROTOCOLS));
    return errors;
  });
}

/** A port of the node can be taken once by the containers that run side by side. */
export function validateHostPorts(containers: Json[], at: string): FieldError[] {
  const taken = new Set<string>();
  return eachAt(containers, at, (container, where) =>
    eachAt(container.ports, `${where}.ports`, ({ protocol = '', hostIP = '', hostPort }, place) => {
      if (!hostPort) return [];
      const port = `${protocol}/${hostIP}/${hostPort}`;
      if (taken.has(port)) return [duplicate(`${place}.hostPort`, port)];
      taken.add(port);
      return [];
    }),
  );
}

/** In the network of the host both ports are one. A template may leave the host's out: the pod gets it. */
export function validateHostNetworkPorts(spec: Json, at: string, inPod: boolean): FieldError[] {
  if (spec.hostNetwork !== true) return [];
  return eachAt(spec.containers, `${at}.containers`, (container, where) =>
    eachAt(container.ports, `${where}.ports`, ({ hostPort = 0, containerPort = 0 }, place) =>
      (inPod || hostPort !== 0) && hostPort !== containerPort
        ? [invalidValue(`${place}.hostPort`, hostPort, 'must match `containerPort` when `hostNetwork` is true')]
        : [],
    ),
  );
}
