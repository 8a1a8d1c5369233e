/**
 * Secrets sealed by the desktop shell with the operating system's keychain, asked for over its private channel. What is
 * sealed contains the context, so that a value moved to another row does not open there.
 */
import { AppError } from '#shared/errors.ts';
import type { SecretBox } from '../engine/types.ts';
import type { FromEngine, ToEngine } from './engine-protocol.ts';

type Answer = Extract<ToEngine, { type: 'secret' | 'secretFailed' }>;

export class RemoteSecretBox implements SecretBox {
  readonly backend = 'keychain';
  private readonly send: (message: Extract<FromEngine, { type: 'seal' | 'open' }>) => void;
  private readonly waiting = new Map<number, { resolve(value: string): void; reject(error: Error): void }>();
  private calls = 0;

  constructor(send: (message: Extract<FromEngine, { type: 'seal' | 'open' }>) => void) {
    this.send = send;
  }

  async seal(plain: string, context: string): Promise<Uint8Array> {
    return Buffer.from(await this.ask('seal', JSON.stringify([context, plain])), 'base64');
  }

  async open(sealed: Uint8Array, context: string): Promise<string> {
    const [sealedFor, plain] = JSON.parse(await this.ask('open', Buffer.from(sealed).toString('base64'))) as unknown[];
    if (sealedFor !== context || typeof plain !== 'string') {
      throw new AppError('SECRETS_LOCKED', 'a sealed value does not belong where it was found');
    }
    return plain;
  }

  answered(answer: Answer): void {
    const call = this.waiting.get(answer.call);
    this.waiting.delete(answer.call);
    if (answer.type === 'secret') call?.resolve(answer.result);
    else call?.reject(new AppError('SECRETS_LOCKED', answer.message));
  }

  private ask(type: 'seal' | 'open', value: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.calls += 1;
      this.waiting.set(this.calls, { resolve, reject });
      this.send({ type, call: this.calls, value });
    });
  }
}
