/**
 * The order in which test files begin. Jest, which has timed nothing on a clean checkout, begins with the largest files.
 * How long a file takes has more to do with its kind: a short one that lets processes die would begin last, and run alone
 * while the other worker has nothing left. So kinds come first that drive whole programs, then browsers, then the service.
 */
import { relative } from 'node:path';
import TestSequencer from '@jest/test-sequencer';

/** From the slowest kind to the quickest; whatever stands elsewhere comes last. */
const KINDS = ['test/faults', 'test/simulation', 'test/e2e', 'test/integration', 'test/sandbox'];

export default class SlowestKindFirst extends TestSequencer {
  /** Within a kind the order is Jest's own: what failed before, then what took long before, then what is large. */
  sort(tests) {
    return super.sort(tests).toSorted((one, other) => rank(one) - rank(other));
  }
}

function rank({ path, context }) {
  const place = relative(context.config.rootDir, path);
  const kind = KINDS.findIndex((folder) => place.startsWith(`${folder}/`));
  return kind < 0 ? KINDS.length : kind;
}
