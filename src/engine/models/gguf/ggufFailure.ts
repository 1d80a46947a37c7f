import type { Failure } from '../../base/errors.js';
import type { GgufProblem } from './ggufReader.js';

/** What is wrong with a file's header, as a failure. @param actualBytes of the file */
export function ggufFailure(problem: GgufProblem, path: string, actualBytes: number): Failure {
  switch (problem.kind) {
    case 'notGguf':
      return { code: 'notGguf', path };
    case 'damaged':
      return { code: 'modelDamaged', path, reason: problem.reason };
    case 'unknownType':
      return { code: 'unsupportedQuantization', path, type: problem.type };
    case 'truncated':
      return { code: 'modelTruncated', path, expectedBytes: problem.expectedBytes, actualBytes };
  }
}
