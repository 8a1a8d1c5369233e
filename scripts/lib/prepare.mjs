/** All set-up a checkout needs before anything runs: packages, then the build. Nothing is done twice. */
import { build, stale } from './build.mjs';
import { install, whyInstall } from './install.mjs';
import { locked } from './lock.mjs';
import { Stop, say } from './paths.mjs';

/** Packages only. */
export async function prepareInstall() {
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major < 20) throw new Stop(`Node ${process.versions.node} is too old: Node 20 or newer is needed to start.`);
  if (whyInstall() === null) return;
  await locked(async () => {
    const reason = whyInstall();
    if (reason === null) return;
    say(`Packages: ${reason}.`);
    await install();
  });
}

/** Packages and build. */
export async function prepare() {
  await prepareInstall();
  if (stale().length === 0) return;
  await locked(async () => {
    const wanted = stale();
    if (wanted.length > 0) await build(wanted);
  });
}
