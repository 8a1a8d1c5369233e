/** Programs that containers with a shell have here, by name. */
import type { BashOptions } from 'just-bash/browser';

/** Of the library's own, those that an image of this kind has. */
export const TOOLS =
  'echo cat printf ls mkdir rmdir touch rm cp mv ln chmod pwd readlink head tail wc stat grep fgrep egrep sed awk sort uniq comm cut paste tr rev nl fold expand unexpand strings split tee find basename dirname du env printenv alias unalias xargs true false clear bash sh base64 diff sleep timeout time seq expr md5sum sha1sum sha256sum which tac od gzip gunzip zcat jq'.split(
    ' ',
  ) as NonNullable<BashOptions['commands']>;

/** Programs that ask somebody else: what they say and how they end depends on who is there. */
export const CLIENTS: readonly string[] = 'wget curl nslookup dig host ping nc getent traceroute redis-cli'.split(' ');

/** The simulation's own that say something of machine and container, or change its files, and end. */
export const SYSTEM: readonly string[] =
  'chgrp chown date dd df fallocate free groups hexdump hostname id ifconfig ip mkfifo mknod mktemp mount nginx nproc pgrep pidof ps realpath sync sysctl tar truncate umount uname uptime whoami'.split(
    ' ',
  );

/** Of those, all that have no use for an input. */
export const NEVER_READ: ReadonlySet<string> = new Set([
  ...SYSTEM.filter((name) => !['dd', 'hexdump', 'tar'].includes(name)),
  ...['mkdir', 'stat', 'sleep', 'kill', 'top', 'ulimit', 'umask', 'stty', 'tty', 'yes'],
]);
