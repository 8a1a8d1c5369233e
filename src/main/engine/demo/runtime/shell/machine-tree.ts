/** The files of a simulated machine, as a container sees them that mounts its root (`kubectl debug node`). */
import type { InMemoryFs } from 'just-bash/browser';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { machineFile, mountsOf } from '../machine.ts';
import { DEVICES } from './image-files.ts';
import { SYSTEM, TOOLS } from './tools.ts';

const DIRECTORIES =
  '/boot /dev /etc/cni/net.d /etc/containerd /etc/kubernetes/manifests /etc/systemd/system /home /lib /lib64 /media /mnt /opt/cni/bin /proc /root /run/containerd /run/systemd /sbin /srv /sys/fs/cgroup /tmp /usr/bin /usr/lib /usr/local/bin /usr/sbin /usr/share /var/lib/containerd /var/lib/kubelet/pods /var/lib/kubelet/plugins /var/log/containers /var/log/pods /var/tmp'.split(
    ' ',
  );
const FILES = ['/etc/hostname', '/etc/hosts', '/etc/machine-id', '/etc/os-release'];
const PASSWD = 'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n';
const CONTAINERD = 'version = 3\nroot = "/var/lib/containerd"\nstate = "/run/containerd"\n';

const PROGRAMS = [...TOOLS, ...SYSTEM].filter((name) => name !== 'nginx');

/** Fills the empty file system of a machine. */
export function plantMachine(files: InMemoryFs, node: KubeObject | undefined): void {
  for (const directory of DIRECTORIES) files.mkdirSync(directory, { recursive: true });
  for (const directory of ['/tmp', '/var/tmp']) void files.chmod(directory, 0o1777);
  files.mkdirSync('/bin', { recursive: true });
  for (const name of PROGRAMS)
    for (const directory of ['/bin', '/usr/bin'])
      files.writeFileSync(`${directory}/${name}`, '', undefined, { mode: 0o755 });
  for (const path of FILES) files.writeFileSync(path, machineFile(node, path));
  for (const [path, content] of DEVICES) files.writeFileSync(path, content);
  files.writeFileSync('/etc/passwd', PASSWD);
  files.writeFileSync('/etc/resolv.conf', 'nameserver 10.0.0.2\n');
  files.writeFileSync('/etc/containerd/config.toml', CONTAINERD);
}

/** What changes on a machine without anybody's writing it. */
export function refreshMachine(files: InMemoryFs, node: KubeObject | undefined): void {
  files.writeFileSync('/proc/mounts', mountsOf(node));
  files.writeFileSync('/proc/loadavg', '0.12 0.20 0.18 1/312 41\n');
}
