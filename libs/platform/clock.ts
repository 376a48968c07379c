import { Injectable } from '@nestjs/common';

/**
 * Business time: expiries, order numbers, timestamps that people see. In sandbox mode it follows the sandbox's clock, so
 * that a week passes in one call. Leases and time-outs measure real time and do not use it.
 */
@Injectable()
export class Clock {
  private offsetMs = 0;

  now(): Date {
    return new Date(Date.now() + this.offsetMs);
  }

  /** How far business time is ahead of real time, in milliseconds. */
  setOffset(milliseconds: number): void {
    this.offsetMs = milliseconds;
  }
}
