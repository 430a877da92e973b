import type { AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { phoneMachine } from './machine.js';

/**
 * The phone's machine as a Mermaid `stateDiagram-v2`, drawn from the machine itself. Transitions that only change what the
 * machine knows are left out; those of the whole machine stand in a note.
 */
export function stateDiagram(): string {
  const root: AnyStateNode = phoneMachine.root;
  const states = Object.values(root.states);
  const initial = root.initial.target.map(({ key }) => key).join();
  return [
    'stateDiagram-v2',
    // First, so that Mermaid has placed the inner states before an arrow from outside names them.
    ...states.filter(isComposite).flatMap((state) => [`  state ${state.key} {`, ...innerArrows(state), '  }']),
    `  [*] --> ${initial}`,
    ...states.flatMap((state) => [...outerArrows(state), ...arrowsOf(state)].map(statement('  '))),
    `  note right of ${initial} : ${arrowsOf(root).map(({ to, label }) => `${label} leads to ${to} from every state${but(states.filter(({ transitions }) => transitions.has(label)))}`).join(', ')}`,
  ].join('\n');
}

/** A state of the machine; `parent`: the one it lies in. */
export interface GraphState {
  id: string;
  parent?: string;
}

/** The machine as states and arrows; what leads from every state is left out. */
export function machineGraph(): { states: GraphState[]; arrows: Arrow[] } {
  const all = Object.values((phoneMachine.root as AnyStateNode).states);
  return {
    states: all.flatMap((state) => [{ id: state.key }, ...Object.keys(state.states).map((id) => ({ id, parent: state.key }))]),
    arrows: all.flatMap((state) => [...arrowsOf(state), ...childArrows(state)]),
  };
}

/** States that answer an event in their own way. */
const but = (states: readonly AnyStateNode[]) => (states.length === 0 ? '' : ` but ${states.map(({ key }) => key).join(' and ')}`);

const isComposite = (state: AnyStateNode) => Object.keys(state.states).length > 0;

function innerArrows(state: AnyStateNode): string[] {
  return childArrows(state).filter(({ to }) => to in state.states).map(statement('    '));
}

function outerArrows(state: AnyStateNode): Arrow[] {
  return childArrows(state).filter(({ to }) => !(to in state.states));
}

const childArrows = (state: AnyStateNode) => Object.values(state.states).flatMap(arrowsOf);

const statement = (indent: string) => ({ from, to, label }: Arrow) => `${indent}${from} --> ${to}: ${label}`;

/** `to` can follow `from`, when `label` says. */
export interface Arrow {
  from: string;
  to: string;
  label: string;
}

/** One arrow for each state that can follow; what leads the same way shares it. */
function arrowsOf(state: AnyStateNode): Arrow[] {
  const arrows = new Map<string, AnyTransitionDefinition[]>();
  for (const transition of [...(state.always ?? []), ...[...state.transitions.values()].flat()]) {
    for (const { key } of transition.target ?? []) arrows.set(key, [...(arrows.get(key) ?? []), transition]);
  }
  return [...arrows].map(([to, transitions]) => ({ from: state.key, to, label: labelOf(transitions) }));
}

/** `lost / failed [stops]`: the events that count under a guard, then the guard. */
function labelOf(transitions: readonly AnyTransitionDefinition[]): string {
  const events = new Map<string, Set<string>>();
  for (const { guard, eventType } of transitions) {
    const name = typeof guard === 'object' ? guard.type : guard;
    const condition = typeof name === 'string' ? `[${inWords(name)}]` : '';
    events.set(condition, (events.get(condition) ?? new Set<string>()).add(eventName(String(eventType))));
  }
  return [...events].map(([condition, names]) => `${[...names].join(' / ')} ${condition}`.trim()).join(' or ');
}

/** `xstate.done.actor.webTicket` is `done`, `xstate.after.backOff.phone.retrying` is `after back off`; the phone's own names stay. */
function eventName(type: string): string {
  const [machinery, kind, delay] = type.split('.');
  if (machinery !== 'xstate') return type;
  return kind === 'error' ? 'failed' : kind === 'after' ? `after ${inWords(delay ?? '')}` : kind ?? type;
}

function inWords(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
