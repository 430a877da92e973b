import type { PhoneSnapshot } from '../phone/phone.js';
import type { PhoneKey, PhoneView } from './messages.js';

/** What a key brought about, for whoever holds the phone. */
export type KeypadAction =
  | { do: 'sign-in'; phoneOrExtension: string; pin: string }
  | { do: 'retry' | 'sign-out' | 'answer' | 'reject' | 'hang-up' }
  | { do: 'dial'; target: string }
  | { do: 'set-lock-pin' | 'unlock'; pin: string };

type Situation = Pick<PhoneSnapshot, 'state' | 'lock' | 'call'> & { takesPin: boolean };
type Field = PhoneView['input']['fields'][number]['name'];

const labels: Readonly<Record<Field, string>> = { number: 'Phone number or extension', pin: 'PIN', 'lock-pin': 'PIN of this phone', dial: 'Number' };
/** What a field holds at most, characters. */
const longest = 32;
/** Stages of a sign-in under way, which the user can cancel. */
const signingIn = new Set(['rootChain', 'webTicket', 'clientCertificate', 'connecting', 'registering', 'provisioning']);

/**
 * The keys of a CX600: which field is asked for at the moment, what was typed into it, and what the three keys below the display do. That number and
 * PIN are asked for one after the other, and which key says what, is assumed; that they are what is asked for is documented.
 */
export class Keypad {
  readonly #held = new Set<PhoneKey>();
  #texts = new Map<Field, string>();
  #active: Field = 'number';
  /** The user wants another field than the state asks for: to sign in anew after a failure, or to choose a PIN for the lock. */
  #wanted: 'sign-in' | 'lock-pin' | undefined;
  #informationShown = false;

  get informationShown(): boolean {
    return this.#informationShown;
  }

  /** Keys that are held down at the moment. */
  get held(): PhoneKey[] {
    return [...this.#held];
  }

  /** The power came or went, or the state is another: what was typed is of no use any more. */
  clear(): void {
    this.#texts = new Map();
    this.#active = 'number';
    this.#wanted = undefined;
  }

  hold(key: PhoneKey, down: boolean): void {
    if (down) this.#held.add(key);
    else this.#held.delete(key);
  }

  /** A key is pressed; what comes of it besides another display, if anything. */
  press(key: PhoneKey, situation: Situation): KeypadAction | undefined {
    if (situation.state === 'off') return undefined;
    if (key === 'home') {
      this.#informationShown = false;
      this.clear();
      return undefined;
    }
    const fields = this.#fields(situation);
    if (!fields.includes(this.#active)) this.#active = fields[0] ?? 'number';
    if (/^[0-9*#]$/.test(key)) this.#type(key, fields);
    else if (key === 'delete') this.#texts.set(this.#active, this.#text(this.#active).slice(0, -1));
    else if (key === 'up' || key === 'down') this.#active = fields[key === 'up' ? 0 : fields.length - 1] ?? this.#active;
    else if (key === 'call' || key === 'speaker') return this.#offHook(situation, key === 'speaker');
    else if (key === 'end') return this.#onHook(situation);
    else return this.#soft(key === 'soft2' ? 1 : key === 'soft3' ? 2 : 0, situation);
    return undefined;
  }

  /** What is keyed in, as the display shows it below its lines. */
  describe(situation: Situation): PhoneView['input'] {
    const fields = this.#informationShown ? [] : this.#fields(situation);
    const active = fields.includes(this.#active) ? this.#active : fields[0];
    return {
      fields: fields.map((name) => ({
        name, label: labels[name], active: name === active, value: name === 'pin' || name === 'lock-pin' ? '\u2022'.repeat(this.#text(name).length) : this.#text(name),
      })),
      softKeys: this.#softKeys(situation).map(({ label }) => label),
      held: this.held,
    };
  }

  #text(field: Field): string {
    return this.#texts.get(field) ?? '';
  }

  #type(character: string, fields: readonly Field[]): void {
    if (this.#informationShown || fields.length === 0) return;
    this.#texts.set(this.#active, `${this.#text(this.#active)}${character}`.slice(0, longest));
  }

  /** The fields that the state asks for, in their order. */
  #fields({ state, lock, call, takesPin }: Situation): Field[] {
    if (state === 'signedIn') {
      if (lock === 'locked' || (lock === 'pin-wanted' && this.#wanted === 'lock-pin')) return ['lock-pin'];
      return isRunning(call) ? [] : ['dial'];
    }
    const asks = state === 'waitingForUser' || (this.#wanted === 'sign-in' && (state === 'refused' || state === 'retrying'));
    return asks && takesPin ? ['number', 'pin'] : [];
  }

  #soft(at: number, situation: Situation): KeypadAction | undefined {
    const { act } = this.#softKeys(situation)[at] ?? {};
    return act?.();
  }

  #offHook(situation: Situation, speaker: boolean): KeypadAction | undefined {
    if (situation.call?.state === 'ringing' && situation.call.direction === 'incoming') return { do: 'answer' };
    if (speaker && isRunning(situation.call)) return { do: 'hang-up' };
    return situation.state === 'signedIn' ? this.#dial() : undefined;
  }

  #onHook({ call }: Situation): KeypadAction | undefined {
    if (!isRunning(call)) return undefined;
    return call?.direction === 'incoming' && call.state === 'ringing' ? { do: 'reject' } : { do: 'hang-up' };
  }

  #dial(): KeypadAction | undefined {
    const target = this.#take('dial');
    return target === '' ? undefined : { do: 'dial', target };
  }

  #take(field: Field): string {
    const text = this.#text(field);
    this.#texts.delete(field);
    return text;
  }

  #softKeys(situation: Situation): { label: string; act: () => KeypadAction | undefined }[] {
    const nothing = { label: '', act: () => undefined };
    const { state } = situation;
    if (state === 'off') return [nothing, nothing, nothing];
    const turn = { label: this.#informationShown ? 'Back' : 'Info', act: () => { this.#informationShown = !this.#informationShown; return undefined; } };
    if (this.#informationShown) return [nothing, nothing, turn];
    const fields = this.#fields(situation);
    if (fields.includes('pin')) return [{ label: this.#active === 'pin' ? 'Sign in' : 'Next', act: () => this.#nextField() }, this.#deleteKey(), turn];
    if (state === 'refused' || state === 'retrying') {
      const again = { label: 'Sign in', act: () => { this.#wanted = 'sign-in'; return undefined; } };
      return [{ label: 'Retry', act: () => ({ do: 'retry' }) }, situation.takesPin ? again : this.#signOutKey('Sign out'), turn];
    }
    if (signingIn.has(state)) return [nothing, this.#signOutKey('Cancel'), turn];
    if (state === 'signedIn') return [...this.#signedInKeys(situation, fields), turn];
    return [nothing, nothing, turn];
  }

  #signedInKeys({ lock, call }: Situation, fields: readonly Field[]): { label: string; act: () => KeypadAction | undefined }[] {
    if (isRunning(call)) {
      const incoming = call?.direction === 'incoming' && call.state === 'ringing';
      return [
        { label: incoming ? 'Answer' : '', act: () => (incoming ? { do: 'answer' } : undefined) },
        { label: incoming ? 'Reject' : 'Hang up', act: () => ({ do: incoming ? 'reject' : 'hang-up' }) },
      ];
    }
    if (fields.includes('lock-pin')) {
      const locked = lock === 'locked';
      return [{
        label: locked ? 'Unlock' : 'Set PIN',
        act: () => { this.#wanted = undefined; return { do: locked ? 'unlock' : 'set-lock-pin', pin: this.#take('lock-pin') }; },
      }, this.#deleteKey()];
    }
    if (this.#text('dial') !== '') return [{ label: 'Call', act: () => this.#dial() }, this.#deleteKey()];
    const choose = { label: 'Set PIN', act: () => { this.#wanted = 'lock-pin'; return undefined; } };
    return [lock === 'pin-wanted' ? choose : { label: '', act: () => undefined }, this.#signOutKey('Sign out')];
  }

  /** From number to PIN, and from there to the sign-in. */
  #nextField(): KeypadAction | undefined {
    if (this.#text('number') === '') this.#active = 'number';
    else if (this.#active === 'number' || this.#text('pin') === '') this.#active = 'pin';
    else {
      const action = { do: 'sign-in', phoneOrExtension: this.#text('number'), pin: this.#text('pin') } as const;
      this.clear();
      return action;
    }
    return undefined;
  }

  #deleteKey() {
    return { label: 'Delete', act: () => { this.#texts.set(this.#active, this.#text(this.#active).slice(0, -1)); return undefined; } };
  }

  #signOutKey(label: string) {
    return { label, act: (): KeypadAction => { this.clear(); return { do: 'sign-out' }; } };
  }
}

const isRunning = (call: Situation['call']) => call !== undefined && call.state !== 'ended';
