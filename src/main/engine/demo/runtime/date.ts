/** Dates as `date` of busybox and coreutils prints them, in UTC. Pure. */

/** `Wed Nov 25 21:36:09 UTC 2026` */
export function dateText(date: Date): string {
  return date.toUTCString().replace(/^(\w+), (\d+) (\w+) (\d+) (\S+) GMT$/, '$1 $3 $2 $5 UTC $4');
}
