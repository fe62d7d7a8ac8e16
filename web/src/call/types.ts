import type { CallView } from '@contract/calls.ts';
import type { HubMessage } from '@contract/hub.ts';
import type { Accessor } from 'solid-js';
import type { Devices, Leg } from '~/media';
import type { MeterFigures } from '~/meter';

/** What both connections are like. */
export type CallConnections = Extract<HubMessage, { type: 'call.connections' }>;

/** A view, and when it came (performance.now). */
export type Received = { view: CallView; atMs: number };

/**
 * Whether this page is the one in the call. `asking`: it may rejoin, but camera and microphone need a
 * press of a button first. `elsewhere`: another page of this person has it; `taken`: it took it from here.
 */
export type Attachment = 'none' | 'attached' | 'attaching' | 'asking' | 'elsewhere' | 'taken';

export type Call = {
  view: Accessor<CallView | null>;
  /** The number of the newest view of a call that has ended, the last being of its settled money: lists are read anew. */
  endedSeq: Accessor<number | null>;
  attachment: Accessor<Attachment>;
  devices: Devices;
  leg: Leg;
  /** What both connections are like, as the appliance last said; null outside of calls. */
  connections: Accessor<CallConnections | null>;
  /** Whether the call covers the page. */
  isOnScreen: Accessor<boolean>;
  /** The model that is being rung, until the appliance has answered. */
  ringingId: Accessor<number | null>;
  isMuted: Accessor<boolean>;
  isCameraOff: Accessor<boolean>;
  /** Figures of the meter at a moment of performance.now(); null before live. */
  figures(nowMs: number): MeterFigures | null;
  msLeft(nowMs: number): number | null;
  ring(modelId: number): Promise<void>;
  accept(): Promise<void>;
  /** @param reason what the client reads */
  reject(reason?: string): Promise<void>;
  /** Gives a tip from the credit; rejects with UserFacing. */
  tip(amountMinor: number, key: string): Promise<void>;
  connect(): Promise<void>;
  hangUp(): Promise<void>;
  restart(): Promise<void>;
  waive(): Promise<void>;
  /** Takes part from this page, asking for camera and microphone. */
  attach(): Promise<void>;
  /** Asks for camera and microphone ahead of a call, and lets them go again. Answers whether there is a microphone. */
  checkDevices(): Promise<boolean>;
  setMuted(isMuted: boolean): void;
  setCameraOff(isCameraOff: boolean): void;
  /** Closes the screen of a call that has ended, or that goes on elsewhere. */
  dismiss(): void;
  /** Lets go of everything: the person has changed. */
  forget(): void;
};

export const isActive = (view: CallView | null): view is CallView => view !== null && view.state !== 'ended';
