// $Host: the host's name and version, and $Host.UI, through which scripts ask questions and write lines.
import { Hashtable, PsObject, type Value } from '#parameters/value.ts';
import { itemsOf } from '#shell/values/object-values.ts';
import { ShellObject } from '#shell/values/shell-object.ts';
import { toText } from '#shell/values/text.ts';
import { toNumber } from '#shell/values/to-number.ts';
import { askForChoice, type Choice } from './prompt.ts';
import type { Session } from './session.ts';

export class HostValue extends ShellObject {
  readonly opaque = 'System.Management.Automation.Internal.Host.InternalHost';
  readonly #session: Session;
  readonly #ui: HostInterface;
  constructor(session: Session) {
    super();
    this.#session = session;
    this.#ui = new HostInterface(session);
  }
  override member(key: string): Value | undefined {
    switch (key) {
      case 'name':
        return 'ConsoleHost';
      case 'version':
        return this.#session.version;
      case 'ui':
        return this.#ui;
      case 'currentculture':
      case 'currentuiculture':
        return 'en-US';
      default:
        return undefined;
    }
  }
}

class HostInterface extends ShellObject {
  readonly opaque = 'System.Management.Automation.Host.PSHostUserInterface';
  readonly #session: Session;
  readonly #raw: RawInterface;
  constructor(session: Session) {
    super();
    this.#session = session;
    this.#raw = new RawInterface(session);
  }
  override member(key: string): Value | undefined {
    return key === 'rawui' ? this.#raw : undefined;
  }
  override async callAsync(key: string, args: readonly Value[]): Promise<Value | undefined> {
    const [first = null, second = null, third = null, fourth = null] = args;
    switch (key) {
      case 'promptforchoice':
        return askForChoice(
          this.#session,
          toText(first),
          toText(second),
          itemsOf(third).map(toChoice),
          toNumber(fourth),
        );
      case 'writeline':
        await this.#session.say(`${toText(args.at(-1) ?? '')}\n`);
        return null;
      case 'write':
        await this.#session.say(toText(args.at(-1) ?? ''));
        return null;
      case 'readline':
        return (await this.#session.host.readLine?.('', { secret: false })) ?? null;
      default:
        return undefined;
    }
  }
}

class RawInterface extends ShellObject {
  readonly opaque = 'System.Management.Automation.Host.PSHostRawUserInterface';
  readonly #session: Session;
  readonly #settings = new Hashtable()
    .set('WindowTitle', 'Postern')
    .set('ForegroundColor', 'Gray')
    .set('BackgroundColor', 'Black');
  constructor(session: Session) {
    super();
    this.#session = session;
  }
  override member(key: string): Value | undefined {
    if (key === 'windowsize' || key === 'buffersize') {
      return new PsObject('System.Management.Automation.Host.Size', [
        ['Width', this.#session.host.width],
        ['Height', 25],
      ]);
    }
    return this.#settings.get(key);
  }
  override setMember(key: string, value: Value): boolean {
    if (!this.#settings.has(key)) return false;
    this.#settings.set(key, value);
    return true;
  }
}

function toChoice(value: Value): Choice {
  if (value instanceof PsObject)
    return { label: toText(value.get('Label') ?? null), help: toText(value.get('HelpMessage') ?? null) };
  return { label: toText(value), help: '' };
}
