import type { SetShare } from '@contract/api.ts';
import type { Thread, Threads } from '@contract/threads.ts';
import type {
  AnswerReport,
  Blocks,
  CallRating,
  IssueReport,
  IssueReportQuery,
  IssueReports,
  ReportPerson,
  SetMarks,
  SetRating,
} from '@contract/trust.ts';
import { ask, type Page, query } from './ask.ts';

/** What people are to each other over HTTP, as the contract's threads.ts and trust.ts have it. */
export const peopleApi = {
  setPicture: (picture: Blob) => ask<{ pictureUrl: string | null }>('PUT', '/picture', picture),
  removePicture: () => ask<{ pictureUrl: null }>('DELETE', '/picture'),

  threads: () => ask<Threads>('GET', '/threads'),
  thread: (personId: number, page: Page = {}) => ask<Thread>('GET', `/threads/${personId}${query(page)}`),

  rating: (callId: number) => ask<CallRating>('GET', `/calls/${callId}/rating`),
  rate: (callId: number, body: SetRating) => ask<CallRating>('PUT', `/calls/${callId}/rating`, body),

  reportPerson: (personId: number, body: ReportPerson) => ask<IssueReport>('POST', `/people/${personId}/reports`, body),
  issueReports: (filter: IssueReportQuery = {}) => ask<IssueReports>('GET', `/issue-reports${query(filter)}`),
  answerReport: (reportId: number, body: AnswerReport) =>
    ask<IssueReport>('POST', `/issue-reports/${reportId}/answer`, body),

  blocks: () => ask<Blocks>('GET', '/blocks'),
  block: (personId: number) => ask<void>('PUT', `/people/${personId}/block`),
  unblock: (personId: number) => ask<void>('DELETE', `/people/${personId}/block`),
  setShare: (personId: number, body: SetShare) => ask<void>('PUT', `/people/${personId}/share`, body),
  setMarks: (personId: number, body: SetMarks) => ask<void>('PUT', `/people/${personId}/marks`, body),
};
