/**
 * The first steps of a container: its image is looked for, pulled, and asked for again where it cannot be had. Pure but for
 * the run that it changes. Source: kubelet's image manager.
 */
import { backOffMs, SLOWEST_PACE } from './back-off.ts';
import { imageId, imageSize, invalidImageMessage, parseImage, pullError, pullPolicy } from './images.ts';
import { type ContainerRun, NEVER, type RunEnvironment, type RunEvent } from './run-state.ts';

/** Kubelet comes back to what it could not create. */
export const CREATE_AGAIN_MS = 12_000;

/** Records an event of the pod. */
export type Tell = (type: RunEvent['type'], reason: string, message: string) => void;

/** What has to be there before a container: its image. What only mounts one has nothing else to do. */
export function pullStep(container: ContainerRun, now: number, env: RunEnvironment, tell: Tell): boolean {
  switch (container.step) {
    case 'idle':
      begin(container, now, env, tell);
      return true;
    case 'pulling':
      if (container.due > now) return false;
      pulled(container, now, env, tell);
      return true;
    case 'pullFailed':
      if (container.due > now) return false;
      container.waiting = {
        reason: 'ImagePullBackOff',
        // Since 1.32 with what the pull said.
        message: `Back-off pulling image "${container.spec.image}"${env.minor < 32 ? '' : `: ErrImagePull: ${container.waiting?.message}`}`,
      };
      tell('Normal', 'BackOff', `Back-off pulling image "${container.spec.image}"`);
      tell('Warning', 'Failed', 'Error: ImagePullBackOff');
      container.step = 'pullBackOff';
      container.due = now + backOffMs(container.pulls, env.pace);
      return true;
    case 'pullBackOff':
      if (container.due > now) return false;
      begin(container, now, env, tell);
      return true;
    case 'starting':
      container.step = 'finished';
      container.due = NEVER;
      return true;
    default:
      return false;
  }
}

/** The image is looked for: a new attempt, or the first. */
export function begin(container: ContainerRun, now: number, env: RunEnvironment, tell: Tell): void {
  const image: string = container.spec.image ?? '';
  const reference = parseImage(image);
  if (reference === null) {
    const message = invalidImageMessage(image);
    tell('Warning', 'InspectFailed', message);
    withoutImage(container, { reason: 'InvalidImageName', message }, now, env, tell);
    return;
  }
  const policy = pullPolicy(container.spec);
  // A registry that shall refuse is asked: what lies on the node would hide it.
  const present = env.images.has(reference.full) && container.behaviour.pull === null;
  if (policy === 'Never' && !present) {
    const message = `Container image "${image}" is not present with pull policy of Never`;
    tell('Warning', 'ErrImageNeverPull', message);
    withoutImage(container, { reason: 'ErrImageNeverPull', message }, now, env, tell);
    return;
  }
  if (policy === 'Always' || !present) {
    tell('Normal', 'Pulling', `Pulling image "${image}"`);
    container.step = 'pulling';
    container.pullStartedAt = now;
    container.due = now + (present ? delay(env, 80, 250) : delay(env, 500, 1600));
    return;
  }
  // Since 1.35 kubelet makes sure that whoever pulled it had the same right to it.
  const access = env.minor < 35 ? '' : ' and can be accessed by the pod';
  tell('Normal', 'Pulled', `Container image "${image}" already present on machine${access}`);
  container.imageId = imageId(reference);
  container.step = 'starting';
  container.due = now + delay(env, 100, 350);
}

/** Nothing is pulled, so nothing is backed off from: the next sync says the same again. */
function withoutImage(
  container: ContainerRun,
  waiting: { reason: string; message: string },
  now: number,
  env: RunEnvironment,
  tell: Tell,
): void {
  container.waiting = waiting;
  tell('Warning', 'Failed', `Error: ${waiting.reason}`);
  container.step = 'pullBackOff';
  container.due = now + CREATE_AGAIN_MS * Math.max(env.pace, SLOWEST_PACE);
}

function pulled(container: ContainerRun, now: number, env: RunEnvironment, tell: Tell): void {
  const image: string = container.spec.image;
  const reference = parseImage(image);
  const error = reference === null ? 'invalid reference' : pullError(reference, container.behaviour.pull);
  if (reference === null || error !== null) {
    container.pulls += 1;
    container.waiting = { reason: 'ErrImagePull', message: error ?? '' };
    tell('Warning', 'Failed', `Failed to pull image "${image}": ${error}`);
    tell('Warning', 'Failed', 'Error: ErrImagePull');
    container.step = 'pullFailed';
    // Shown for a moment at any pace: the two reasons are what a person has to learn to read.
    container.due = now + delay(env, 1200, 2500);
    return;
  }
  env.images.add(reference.full);
  container.imageId = imageId(reference);
  const took = `${((now - container.pullStartedAt) / 1000).toFixed(3).replace(/0+$/, '').replace(/\.$/, '')}s`;
  tell(
    'Normal',
    'Pulled',
    `Successfully pulled image "${image}" in ${took} (${took} including waiting). Image size: ${imageSize(reference)} bytes.`,
  );
  container.step = 'starting';
  container.due = now + delay(env, 100, 350);
}

/** A time as the simulation draws it, ms. */
export function delay(env: RunEnvironment, from: number, to: number): number {
  return env.random.between(from, to) * env.pace;
}
