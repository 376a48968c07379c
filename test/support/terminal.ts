import { format } from 'node:util';

/** A terminal that keeps what a command prints. */
export class Terminal {
  stdout = '';
  stderr = '';

  readonly log = (...parts: unknown[]): void => {
    this.stdout += `${format(...parts)}\n`;
  };

  readonly error = (...parts: unknown[]): void => {
    this.stderr += `${format(...parts)}\n`;
  };
}
