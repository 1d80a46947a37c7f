import type { Failure } from '../engine/base/errors.js';
import type { EngineStatus, RoleState } from '../engine/protocol/engineTypes.js';

/**
 * The status to show. An engine that cannot be started cannot report it: then the last failure of completion
 * stands for it. It also stands while the next request is only beginning to load the same model, so that
 * the error does not come and go with every keystroke.
 */
export function shownStatus(status: EngineStatus, completionFailure: Failure | undefined): EngineStatus {
  const { completion } = status;
  const silent = completion.state === 'unloaded' || (completion.state === 'loading' && completion.progress === 0);
  return completionFailure !== undefined && silent ? { ...status, completion: { state: 'error', failure: completionFailure } } : status;
}

/** The last failure of completion after the engine has reported a state: it stands until a model works or another one is to be loaded. */
export function failureAfter(failure: Failure | undefined, before: RoleState, now: RoleState): Failure | undefined {
  if (now.state === 'error') return now.failure;
  const works = now.state === 'ready' || now.state === 'generating';
  const reconfigured = before.state === 'error' && now.state === 'unloaded';
  return works || reconfigured ? undefined : failure;
}
