import * as v from 'valibot';
import { roleSchema } from './failureSchema.js';
import {
  chatRequestSchema,
  completionRequestSchema,
  engineOptionsSchema,
  type EngineNotice,
  engineNoticeSchema,
  engineStatusSchema,
  type ChatRequest,
  type CompletionRequest,
  type EngineOptions,
  type EngineStatus,
  generationEventSchema,
  type GenerationEvent,
  generationResultSchema,
  type GenerationResult,
  maxRequestCharacters,
} from './engineTypes.js';
import type { Notification, Request, StreamingRequest } from './wire.js';
import type { Role } from '../base/errors.js';
import { logLevels, type LogRecord } from '../base/logger.js';

/** The exit code of a daemon that has no room to write its lock. Its log is likely on the same disk, so it cannot say so there. */
export const diskFullExitCode = 28;

/** Raised whenever a message of this wire changes its meaning. */
export const daemonProtocolVersion = 3;

const shortText = v.pipe(v.string(), v.maxLength(256));
const nothing = v.null();

const helloParams = v.object({
  protocolVersion: v.pipe(v.number(), v.safeInteger()),
  /** Version of the extension or CLI. */
  clientVersion: shortText,
  /** For the diagnostics: `vscode`, `cli` or a test's name. */
  clientName: shortText,
});
const helloResult = v.object({
  protocolVersion: v.pipe(v.number(), v.safeInteger()),
  daemonVersion: shortText,
  pid: v.pipe(v.number(), v.safeInteger()),
  /** Whether a client that is connected now has sent `configure`. */
  configured: v.boolean(),
});
export type HelloParams = v.InferOutput<typeof helloParams>;
export type HelloResult = v.InferOutput<typeof helloResult>;

/** client → daemon: the first message; nothing else is served before. Fails with `versionMismatch`. */
export const helloRequest: Request<HelloParams, HelloResult> = { method: 'daemon/hello', params: helloParams, result: helloResult };

/** client → daemon: takes effect for all clients; a role whose model options change is reloaded at its next request. */
export const configureRequest: Request<EngineOptions, null> = { method: 'engine/configure', params: engineOptionsSchema, result: nothing };

/** client → daemon: a fill-in-the-middle completion. */
export const completeRequest: StreamingRequest<CompletionRequest, GenerationEvent, GenerationResult> = {
  method: 'engine/complete',
  params: completionRequestSchema,
  event: generationEventSchema,
  result: generationResultSchema,
};

/** client → daemon: an answer to the last turn. */
export const chatRequest: StreamingRequest<ChatRequest, GenerationEvent, GenerationResult> = {
  method: 'engine/chat',
  params: chatRequestSchema,
  event: generationEventSchema,
  result: generationResultSchema,
};

const roleParams = v.object({ role: roleSchema });

/** client → daemon: loads the role's model now; progress is in the status. Cancelling stops the load unless another client waits for it. */
export const loadRequest: Request<{ role: Role }, null> = { method: 'engine/load', params: roleParams, result: nothing };

/** client → daemon: frees the role's memory; open requests of the role end with `cancelled`. */
export const unloadRequest: Request<{ role: Role }, null> = { method: 'engine/unload', params: roleParams, result: nothing };

const countParams = v.object({ role: roleSchema, text: v.pipe(v.string(), v.maxLength(maxRequestCharacters)) });
/** client → daemon: how many tokens the role's model makes of a text. Loads the model if needed. */
export const countTokensRequest: Request<{ role: Role; text: string }, number> = {
  method: 'engine/countTokens',
  params: countParams,
  result: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
};

const diagnosticsResult = v.object({
  daemonVersion: shortText,
  pid: v.number(),
  uptimeMs: v.number(),
  clients: v.number(),
  workers: v.array(v.object({ pid: v.nullable(v.number()), roles: v.array(roleSchema), restarts: v.number() })),
  status: engineStatusSchema,
});
export type DaemonDiagnostics = v.InferOutput<typeof diagnosticsResult>;
/** client → daemon: facts for a bug report; never holds text of the user. */
export const diagnosticsRequest: Request<null, DaemonDiagnostics> = { method: 'daemon/diagnostics', params: nothing, result: diagnosticsResult };

/** client → daemon: ends the daemon if this client is the only one; otherwise answers false and nothing happens. */
export const shutdownRequest: Request<null, boolean> = { method: 'daemon/shutdown', params: nothing, result: v.boolean() };

/** daemon → client: after `hello` and at every change. */
export const statusNotification: Notification<EngineStatus> = { method: 'engine/status', params: engineStatusSchema };

/** daemon → client: to be told to the user once. */
export const noticeNotification: Notification<EngineNotice> = { method: 'engine/notice', params: engineNoticeSchema };

/** daemon → client: a line for the output channel. */
export const logNotification: Notification<LogRecord> = {
  method: 'daemon/log',
  params: v.object({ level: v.picklist(logLevels), source: shortText, message: v.pipe(v.string(), v.maxLength(65_536)) }),
};
