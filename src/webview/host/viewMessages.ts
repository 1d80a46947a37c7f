import { assertNever } from '../../engine/base/errors.js';
import type { ViewMessage } from '../protocol.js';
import type { ChatController } from './chatController.js';

/** What the view asks of the chat itself; `ready` and `resync` are answered by the bridge. */
export type UserMessage = Exclude<ViewMessage, { readonly type: 'ready' | 'resync' }>;

/** Does what a checked message of the view says. Settles when it is done, and rejects only for a defect. */
export async function handleUserMessage(chat: ChatController, message: UserMessage): Promise<void> {
  switch (message.type) {
    case 'send':
      return chat.send(message.text, message.draftAt);
    case 'resend':
      return chat.resend(message.turnId, message.text);
    case 'regenerate':
      return chat.regenerate(message.turnId);
    case 'stop':
      return chat.stop();
    case 'newConversation':
      return chat.newConversation();
    case 'openConversation':
      return chat.open(message.id);
    case 'renameConversation':
      return chat.rename(message.id, message.title);
    case 'deleteConversation':
      return chat.remove(message.id);
    case 'undoDelete':
      return chat.undoRemove(message.id);
    case 'exportConversation':
      return chat.exportMarkdown(message.id);
    case 'search':
      return chat.search(message.query);
    case 'attach':
      return chat.attach(message.source);
    case 'detach':
      return chat.detach(message.attachmentId);
    case 'code':
      return chat.useCode(message.action, message.turnId, message.code, message.language);
    case 'copyAnswer':
      return chat.copyAnswer(message.turnId);
    case 'openLink':
      return chat.openLink(message.url);
    case 'draft':
      return chat.saveDraft({ text: message.text, at: message.at });
    case 'dismissNotice':
      return chat.dismissNotice(message.id);
    case 'retrySave':
      return chat.retrySave();
    case 'chooseModel':
      return chat.chooseModel();
    case 'memoryChoice':
      return chat.takeMemoryChoice(message.choice);
    default:
      return assertNever(message);
  }
}
