/** The loopback host: the interface for a browser on this machine. */
export { type Loopback, type LoopbackOptions, startLoopback } from './server.ts';
