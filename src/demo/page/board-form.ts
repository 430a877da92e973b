import type { LabAction, LabView } from '../messages.js';

/** A part of the board: its form, drawn from what the lab has. `apply` shows what came of an action beside the button. */
export type BoardForm = (lab: LabView, apply: (action: LabAction, status: HTMLElement) => void) => HTMLElement[];
