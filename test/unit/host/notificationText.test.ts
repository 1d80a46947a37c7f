import assert from 'node:assert/strict';
import { notificationText } from '../../../src/host/notificationText.js';

describe('the text of a notification', () => {
  it('has no links, whatever a machine calls itself', () => {
    assert.equal(notificationText('[click](command:evil) asks'), '[click] (command:evil) asks');
  });

  it('is otherwise as it was', () => {
    assert.equal(notificationText('mini (10.0.0.3) [x]'), 'mini (10.0.0.3) [x]');
  });
});
