// What people and scripts may say to a running project or milestone, and ask of it. Scripts import this file and nothing else of the workflows.
import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { Decision, DecisionRecord } from '../domain/decision';
import type { Claim, Payment, Settlement } from '../domain/payment';
import type { MilestoneReport, Status } from '../domain/status';

export const approve = defineSignal<[Decision<'approve'>]>('approve');
export const requestChanges = defineSignal<[Decision<'requestChanges'>]>('requestChanges');
export const guide = defineSignal<[Decision<'guide'>]>('guide');
export const skip = defineSignal<[Decision<'skip'>]>('skip');
export const abandon = defineSignal<[Decision<'abandon'>]>('abandon');
export const pause = defineSignal<[Decision<'pause'>]>('pause');
export const resume = defineSignal<[Decision<'resume'>]>('resume');

export const budget = defineSignal<[Decision<'budget'>]>('budget');

export const decisionSignals = { approve, requestChanges, guide, skip, abandon, pause, resume, budget };

/** From a milestone to its project. */
export const milestoneReport = defineSignal<[MilestoneReport]>('milestoneReport');
export const claim = defineSignal<[Claim]>('claim');
export const settlement = defineSignal<[Settlement]>('settlement');

/** From a project to its milestone. */
export const payment = defineSignal<[Payment]>('payment');

export const status = defineQuery<Status>('status');
export const decisions = defineQuery<DecisionRecord[]>('decisions');
