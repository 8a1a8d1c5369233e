/** Which programs the images of tutorials and of everyday use contain, and where those listen. Facts of the images' own documentation. */
import type { Program } from './programs.ts';
import type { SampleName } from './sample-apps.ts';

type Known = Omit<Program, 'image' | 'os'> & { os?: Program['os'] };

/** By repository, the first that fits. */
export const KNOWN: readonly (readonly [RegExp, Known])[] = [
  [
    /(^|[-/])nginx/,
    { kind: 'nginx', command: 'nginx: master process nginx -g daemon off;', ports: [80], http: true, shell: true },
  ],
  [
    /(^|\/)hpa-example$/,
    {
      kind: 'httpd',
      command: 'apache2 -DFOREGROUND',
      ports: [80],
      http: true,
      shell: true,
      sample: 'hpa-example',
      cpuPerRequest: 0.05,
    },
  ],
  [/(^|\/)(httpd|apache)/, { kind: 'httpd', command: 'httpd -DFOREGROUND', ports: [80], http: true, shell: true }],
  [
    /(^|[-/])(redis|valkey)/,
    { kind: 'redis', command: 'redis-server *:6379', ports: [6379], http: false, shell: true },
  ],
  [/(^|[-/])postgres/, { kind: 'postgres', command: 'postgres', ports: [5432], http: false, shell: true }],
  [/(^|[-/])(mysql|mariadb)/, { kind: 'mysql', command: 'mysqld', ports: [3306], http: false, shell: true }],
  [
    /(^|\/)prometheus$/,
    {
      kind: 'prometheus',
      command: '/bin/prometheus --config.file=/etc/prometheus/prometheus.yml',
      ports: [9090],
      http: true,
      shell: true,
      os: 'busybox',
    },
  ],
  [
    /(^|\/)coredns$/,
    {
      kind: 'coredns',
      command: '/coredns -conf /etc/coredns/Corefile',
      ports: [53, 8080, 8181, 9153],
      http: true,
      shell: false,
      os: 'none',
    },
  ],
  [
    /(^|\/)kube-proxy/,
    {
      kind: 'kube-proxy',
      command: '/usr/local/bin/kube-proxy --config=/var/lib/kube-proxy/config.conf',
      ports: [10249, 10256],
      http: true,
      shell: false,
      os: 'none',
    },
  ],
  [/(^|\/)agnhost/, { kind: 'agnhost', command: '/agnhost pause', ports: [], http: true, shell: true, os: 'alpine' }],
  [/(^|\/)busybox/, { kind: 'shell', command: 'sh', ports: [], http: false, shell: true, os: 'busybox' }],
  [
    /(^|\/)(alpine|netshoot|curl)/,
    { kind: 'shell', command: '/bin/sh', ports: [], http: false, shell: true, os: 'alpine' },
  ],
  [/(^|\/)(ubuntu|debian|centos|fedora)$/, { kind: 'shell', command: 'bash', ports: [], http: false, shell: true }],
  [/(^|\/)hello-app$/, sample('hello-app', './hello-app', 8080)],
  [/(^|\/)kubernetes-bootcamp$/, sample('kubernetes-bootcamp', 'node server.js', 8080)],
  [/(^|\/)http-echo$/, sample('http-echo', '/http-echo', 5678)],
  [/(^|\/)whoami$/, sample('whoami', '/whoami', 80)],
  [/(^|\/)echoserver$/, sample('echoserver', 'nginx: master process nginx', 8080)],
  [/(^|\/)(nautilus|kitten)$/, sample('update-demo', 'nginx: master process nginx', 80)],
  [/(^|\/)podinfo$/, sample('podinfo', './podinfo', 9898)],
  [/distroless|\/pause|scratch/, { kind: 'service', command: '/app', ports: [], http: true, shell: false, os: 'none' }],
];

function sample(name: SampleName, command: string, port: number): Known {
  return { kind: 'service', command, ports: [port], http: true, shell: true, sample: name };
}

/** Servers that say nothing of themselves here but where they listen: by the last part of the repository. */
const SERVERS: Readonly<Record<string, readonly number[]>> = {
  adminer: [8080],
  alertmanager: [9093],
  consul: [8500],
  couchdb: [5984],
  drupal: [80],
  elasticsearch: [9200],
  'gb-frontend': [80],
  ghost: [2368],
  gitea: [3000],
  grafana: [3000],
  influxdb: [8086],
  jenkins: [8080],
  joomla: [80],
  keycloak: [8080],
  kibana: [5601],
  minio: [9000],
  nextcloud: [80],
  'node-exporter': [9100],
  phpmyadmin: [80],
  registry: [5000],
  tomcat: [8080],
  traefik: [80],
  vault: [8200],
  wordpress: [80],
};
/** Those that speak another protocol than HTTP. */
const OTHER_SERVERS: Readonly<Record<string, readonly number[]>> = {
  cassandra: [9042],
  etcd: [2379],
  kafka: [9092],
  memcached: [11_211],
  mongo: [27_017],
  nats: [4222],
  rabbitmq: [5672],
  zookeeper: [2181],
};

/** Ports of a server by the last part of its repository; null: it is none that is known. */
export function serverPorts(name: string): { ports: readonly number[]; http: boolean } | null {
  if (Object.hasOwn(SERVERS, name)) return { ports: SERVERS[name]!, http: true };
  if (Object.hasOwn(OTHER_SERVERS, name)) return { ports: OTHER_SERVERS[name]!, http: false };
  return null;
}
