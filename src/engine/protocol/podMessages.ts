import * as v from 'valibot';
import { addressSchema, type Address, doctorFindingSchema, type DoctorFinding, fingerprintSchema, machineNameSchema, planPreviewSchema, type PlanPreview, podStatusSchema, type PodStatus, shareOptionsSchema, type ShareOptions } from './podTypes.js';
import { roleOptionsSchema, type RoleOptions } from './engineTypes.js';
import type { Notification, Request } from './wire.js';

// The part of the wire between client and daemon that is about the pod.

const nothing = v.null();
const pairingId = v.pipe(v.string(), v.maxLength(64));

/** client → daemon: from now on this client hears `pod/status`, and the daemon looks for machines while anybody watches. */
export const watchPodRequest: Request<boolean, PodStatus> = { method: 'pod/watch', params: v.boolean(), result: podStatusSchema };

/** daemon → client that watches: at every change, at most some times a second. */
export const podStatusNotification: Notification<PodStatus> = { method: 'pod/status', params: podStatusSchema };

/** client → daemon: lends this machine, or stops doing so (`null`). Lasts until it is said otherwise or the daemon ends. */
export const shareRequest: Request<ShareOptions | null, null> = { method: 'pod/share', params: v.nullable(shareOptionsSchema), result: nothing };

/** client → daemon: what others see as this machine's name. */
export const renameRequest: Request<string, null> = { method: 'pod/rename', params: machineNameSchema, result: nothing };

/** client → daemon: a machine outside multicast. Answers when its key is known; it then is in the status. */
export const addMachineRequest: Request<Address, string> = { method: 'pod/add', params: addressSchema, result: fingerprintSchema };

/** client → daemon: asks a seen machine to pair. Answers when both users have confirmed. Cancelling withdraws it. */
export const pairRequest: Request<{ fingerprint: string }, null> = { method: 'pod/pair', params: v.object({ fingerprint: fingerprintSchema }), result: nothing };

/** client → daemon: what the user says about the digits of a pairing in the status. */
export const confirmPairingRequest: Request<{ id: string; equal: boolean }, null> = {
  method: 'pod/confirmPairing',
  params: v.object({ id: pairingId, equal: v.boolean() }),
  result: nothing,
};

/** client → daemon: forgets a machine's key and cuts its connections. */
export const unpairRequest: Request<{ fingerprint: string }, null> = { method: 'pod/unpair', params: v.object({ fingerprint: fingerprintSchema }), result: nothing };

/** client → daemon: what would happen with a model. Changes nothing. */
export const planRequest: Request<RoleOptions, PlanPreview> = { method: 'pod/plan', params: roleOptionsSchema, result: planPreviewSchema };

/** client → daemon: looks for what keeps machines from finding or using each other. */
export const doctorRequest: Request<null, DoctorFinding[]> = { method: 'pod/doctor', params: nothing, result: v.array(doctorFindingSchema) };
