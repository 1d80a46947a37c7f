import type { Failure } from '../engine/base/errors.js';
import { type DoctorText, doctorText } from '../engine/protocol/doctorText.js';
import { downloadText } from '../engine/protocol/downloadText.js';
import type { EngineNotice } from '../engine/protocol/engineTypes.js';
import { failureText } from '../engine/protocol/failureText.js';
import type { Download } from '../engine/protocol/modelTypes.js';
import { noticeText } from '../engine/protocol/noticeText.js';
import type { DoctorFinding } from '../engine/protocol/podTypes.js';

// The engine's words for someone in a terminal, whom settings and commands of VS Code do not help. The lint rules keep the rest of the
// terminal's part to these.

/** A failure: what happened, why, and what can be done about it here. */
export function failureWords(failure: Failure): string {
  return failureText(failure, 'terminal');
}

export function noticeWords(notice: EngineNotice): string {
  return noticeText(notice, 'terminal');
}

/** How a download is doing, in one line without its name. */
export function downloadWords(download: Download): string {
  return downloadText(download, 'terminal');
}

export function doctorWords(finding: DoctorFinding): DoctorText {
  return doctorText(finding, 'terminal');
}
