import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../../../engine/base/disposable.js';
import type { Clock } from '../../../engine/base/clock.js';
import { failureOf } from '../../../engine/base/errors.js';
import { inTurn } from '../../../engine/base/inTurn.js';
import type { Logger } from '../../../engine/base/logger.js';
import type { ModelsClient } from '../../../engine/client/modelsClient.js';
import type { Places } from '../../engineOptions.js';
import type { SettingsReader } from '../../settingsReader.js';
import type { AccessToken } from './accessToken.js';
import { type HttpSettings, networkOptions } from './networkOptions.js';
import { systemCertificates } from './systemCertificates.js';

/** A window that has just been opened has more urgent things to do than to read certificates. */
const afterStartMs = 2_000;

export interface NetworkDeps {
  readonly models: ModelsClient;
  readonly settings: SettingsReader;
  readonly places: Places;
  readonly token: AccessToken;
  readonly clock: Clock;
  readonly log: Logger;
}

function httpSettings(): HttpSettings & { readonly systemCertificates: boolean } {
  const http = vscode.workspace.getConfiguration('http');
  return {
    proxy: http.get('proxy'),
    proxySupport: http.get('proxySupport'),
    noProxy: http.get('noProxy'),
    proxyStrictSSL: http.get('proxyStrictSSL'),
    systemCertificates: http.get('systemCertificates') !== false,
  };
}

/** Tells the daemon how to fetch: some time after the start, at every change, and before something is fetched. The daemon is not started by it. */
export class NetworkFollower implements Disposable {
  readonly #store = new DisposableStore();
  #told = '';
  readonly #inTurn = inTurn();

  constructor(private readonly deps: NetworkDeps) {
    const { settings, clock, token } = deps;
    this.#store.add(clock.setTimeout(() => this.#tell(), afterStartMs));
    this.#store.add(settings.onChange(() => this.#tell()));
    this.#store.add(token.onChange(() => this.#tell()));
    this.#store.add(vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('http')) this.#tell();
    }));
  }

  /** Settles when the daemon, if there is one, has taken what the settings say now. */
  apply(): Promise<void> {
    return this.#inTurn(() => this.#apply());
  }

  dispose(): void {
    this.#store.dispose();
  }

  #tell(): void {
    this.apply().catch((error: unknown) => this.deps.log.warn(`the settings of the network were not taken: ${failureOf(error).code}`));
  }

  async #apply(): Promise<void> {
    if (this.#store.disposed) return;
    const { models, settings, places, token } = this.deps;
    const http = httpSettings();
    const options = networkOptions(settings.current, http, await token.read(), http.systemCertificates ? systemCertificates() : [], places);
    const told = JSON.stringify(options);
    if (told === this.#told) return;
    await models.network(options);
    this.#told = told;
  }
}
