/** What a simulated image and its machine put into a container: directories, `/etc`, `/proc`, the program's own files. */
import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { sysctlsOf } from '../../kubelet/sysctls.ts';
import type { World } from '../../sim/world.ts';
import { hostnameOf, hostsFile, resolverOf } from '../names.ts';
import type { Program } from '../programs.ts';
import { capabilityLines } from './capabilities.ts';
import { mountLines, mountsIn } from './mount-table.ts';
import { identityOf } from './system.ts';

/** Contents by absolute path. */
export type Contents = readonly (readonly [string, string | Buffer])[];

export const DIRECTORIES = [
  ...'/bin /dev /etc /home /lib /mnt /opt /proc /root /run /sbin /srv /sys /tmp /usr/bin /usr/lib /usr/local/bin'.split(
    ' ',
  ),
  ...'/usr/sbin /usr/share /var/cache /var/lib /var/log /var/run /var/tmp'.split(' '),
];

export function imageFiles(world: World, pod: KubeObject, container: Json, program: Program, dns: string): Contents {
  return [...networkFiles(pod, dns), ...ownFiles(program), ...processFiles(world, pod, container, program), ...DEVICES];
}

/** What an image brings, wherever it is. */
export function ownFiles(program: Program): Contents {
  return [
    ['/etc/os-release', OS_RELEASE[program.os]],
    ['/etc/passwd', PASSWD],
    ['/etc/group', 'root:x:0:\nnginx:x:101:\nnogroup:x:65533:\nnobody:x:65534:\n'],
    ['/etc/nsswitch.conf', 'hosts: files dns\n'],
    ...(program.kind === 'nginx' ? NGINX : []),
    ...(program.kind === 'httpd' ? HTTPD : []),
    ...(program.kind === 'agnhost' ? AGNHOST : []),
  ];
}

/** As kubelet writes them. */
export function networkFiles(pod: KubeObject, dns: string): Contents {
  const { searches, servers, options } = resolverOf(pod, dns);
  const optionText = [...options].map(([name, value]) => (value === undefined ? name : `${name}:${value}`)).join(' ');
  return [
    ['/etc/hostname', `${hostnameOf(pod)}\n`],
    ['/etc/hosts', hostsFile(pod)],
    [
      '/etc/resolv.conf',
      `${searches.length === 0 ? '' : `search ${searches.join(' ')}\n`}${servers.map((server) => `nameserver ${server}\n`).join('')}${optionText === '' ? '' : `options ${optionText}\n`}`,
    ],
  ];
}

/** 2 where a filter is set. */
function seccompMode(pod: KubeObject, { securityContext }: Json): number {
  const { privileged, seccompProfile }: Json = securityContext ?? {};
  const type: string | undefined = (seccompProfile ?? pod.spec?.securityContext?.seccompProfile)?.type;
  return privileged === true || type === undefined || type === 'Unconfined' ? 0 : 2;
}

function processFiles(world: World, pod: KubeObject, container: Json, program: Program): Contents {
  const { user, group, groups } = identityOf(pod, container);
  const ids = (id: number) => Array(4).fill(id).join('\t');
  const rights = `Uid:\t${ids(user)}\nGid:\t${ids(group)}\nGroups:\t${groups.join(' ')}\n${capabilityLines(container, user)}NoNewPrivs:\t${container.securityContext?.allowPrivilegeEscalation === false ? 1 : 0}\nSeccomp:\t${seccompMode(pod, container)}\n`;
  const node = world.caches.nodes.get(pod.spec?.nodeName ?? '');
  const cores = Math.max(1, parseQuantity(node?.status?.capacity?.cpu));
  const memory = Math.floor(parseQuantity(node?.status?.capacity?.memory) / 1024);
  const kernel: string = node?.status?.nodeInfo?.kernelVersion ?? '6.1.0';
  const up = Math.max(0, (world.now() - (Date.parse(node?.metadata.creationTimestamp ?? '') || 0)) / 1000);
  const kilobytes = (name: string, value: number) =>
    `${`${name}:`.padEnd(16)}${String(Math.floor(value)).padStart(8)} kB\n`;
  const name = program.command.split(/[\s:]/)[0]?.split('/').at(-1) ?? '';
  return [
    [
      '/proc/cpuinfo',
      Array.from(
        { length: cores },
        (_, core) =>
          `processor\t: ${core}\nvendor_id\t: GenuineIntel\nmodel name\t: Intel(R) Xeon(R) Platinum 8269CY CPU @ 2.50GHz\ncpu MHz\t\t: 2500.002\ncache size\t: 36608 KB\ncpu cores\t: ${cores}\n\n`,
      ).join(''),
    ],
    [
      '/proc/meminfo',
      kilobytes('MemTotal', memory) +
        kilobytes('MemFree', memory * 0.38) +
        kilobytes('MemAvailable', memory * 0.86) +
        kilobytes('Buffers', 182_044) +
        kilobytes('Cached', memory * 0.44) +
        kilobytes('SwapTotal', 0) +
        kilobytes('SwapFree', 0),
    ],
    ['/proc/loadavg', '0.12 0.20 0.18 1/312 41\n'],
    ['/proc/uptime', `${up.toFixed(2)} ${(up * cores * 0.93).toFixed(2)}\n`],
    ['/proc/version', `Linux version ${kernel} (builder@build) (gcc) #1 SMP\n`],
    ['/proc/1/cmdline', `${program.command.split(' ').join('\0')}\0`],
    ['/proc/1/comm', `${name}\n`],
    ['/proc/1/status', `Name:\t${name}\nState:\tS (sleeping)\nTgid:\t1\nPid:\t1\nPPid:\t0\n${rights}Threads:\t1\n`],
    ['/proc/self/status', `Name:\tcat\nState:\tR (running)\nPid:\t41\nPPid:\t37\n${rights}`],
    ['/proc/mounts', mountLines(mountsIn(world, pod, container))],
    ['/proc/net/dev', networkTable(up)],
    ['/sys/class/net/eth0/mtu', '1500\n'],
    ['/sys/class/net/eth0/operstate', 'up\n'],
    ['/proc/sys/kernel/hostname', `${hostnameOf(pod)}\n`],
    ...[...sysctlsOf(pod)].map(([key, value]): [string, string] => [
      `/proc/sys/${key.replaceAll('.', '/')}`,
      `${value}\n`,
    ]),
  ];
}

/** `/proc/net/dev`: a little is heard all the time. */
function networkTable(seconds: number): string {
  const row = (name: string, bytes: number, packets: number) =>
    `${name.padStart(6)}: ${[bytes, packets, 0, 0, 0, 0, 0, 0, bytes, packets, 0, 0, 0, 0, 0, 0].map(Math.floor).join(' ')}\n`;
  return `Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n${row('lo', 0, 0)}${row('eth0', seconds * 420, seconds * 3)}`;
}

const PASSWD =
  'root:x:0:0:root:/root:/bin/sh\nbin:x:1:1:bin:/bin:/sbin/nologin\ndaemon:x:2:2:daemon:/sbin:/sbin/nologin\nnginx:x:101:101:nginx:/var/cache/nginx:/sbin/nologin\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n';

const OS_RELEASE: Record<Program['os'], string> = {
  debian:
    'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nVERSION="12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\n',
  alpine: 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.22.1\nPRETTY_NAME="Alpine Linux v3.22"\n',
  busybox: '',
  none: '',
};

/** As much as somebody takes for a try. */
const NOISE = Buffer.from(Array.from({ length: 4096 }, (_, at) => (at * 7919 + ((at * at) >> 3)) & 255));
export const DEVICES: Contents = [
  ['/dev/null', Buffer.alloc(0)],
  ['/dev/zero', Buffer.alloc(4096)],
  ['/dev/random', NOISE],
  ['/dev/urandom', NOISE],
];

/** What the image brings beside the distribution. */
export const NGINX: Contents = [
  [
    '/usr/share/nginx/html/index.html',
    '<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n</head>\n<body>\n<h1>Welcome to nginx!</h1>\n</body>\n</html>\n',
  ],
  ['/usr/share/nginx/html/50x.html', '<!DOCTYPE html>\n<html>\n<head>\n<title>Error</title>\n</head>\n</html>\n'],
  ['/etc/nginx/mime.types', 'types {\n    text/html html htm shtml;\n    text/css css;\n}\n'],
  [
    '/etc/nginx/nginx.conf',
    'user  nginx;\nworker_processes  auto;\n\nerror_log  /var/log/nginx/error.log notice;\npid        /run/nginx.pid;\n\nevents {\n    worker_connections  1024;\n}\n\nhttp {\n    include       /etc/nginx/mime.types;\n    default_type  application/octet-stream;\n    sendfile        on;\n    keepalive_timeout  65;\n    include /etc/nginx/conf.d/*.conf;\n}\n',
  ],
  [
    '/etc/nginx/conf.d/default.conf',
    'server {\n    listen       80;\n    server_name  localhost;\n\n    location / {\n        root   /usr/share/nginx/html;\n        index  index.html index.htm;\n    }\n\n    error_page   500 502 503 504  /50x.html;\n    location = /50x.html {\n        root   /usr/share/nginx/html;\n    }\n}\n',
  ],
  ['/run/nginx.pid', '1\n'],
];

export const HTTPD: Contents = [
  ['/usr/local/apache2/htdocs/index.html', '<html><body><h1>It works!</h1></body></html>\n'],
  ['/usr/local/apache2/conf/httpd.conf', 'ServerRoot "/usr/local/apache2"\nListen 80\n'],
];

/** A page and a certificate to ask for; the certificate is none. */
export const AGNHOST: Contents = [
  ['/localhost.crt', '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n'],
  ['/localhost.key', '-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n'],
];
