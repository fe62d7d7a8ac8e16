import { type Person, pictureUrlOf } from '../../accounts/index.ts';
import {
  AnswerReport,
  type Blocks,
  CallParams,
  type CallRating,
  type IssueReport,
  IssueReportQuery,
  type IssueReports,
  PageQuery,
  type PersonId,
  PersonParams,
  PICTURE_BYTES_MAX,
  ReportParams,
  ReportPerson,
  SetMarks,
  SetRating,
  SetShare,
  type Thread,
  type Threads,
  UserError,
} from '../../contract/index.ts';
import type { Api } from './api.ts';
import { type ApiDeps, personOf } from './session.ts';

/** A picture's address changes with the picture, so that a browser may keep it. */
const PICTURE_CACHE = 'private, max-age=31536000, immutable';

/** What people are to each other: pictures, threads, ratings, reports, blocks. */
export function registerPeopleApi(app: Api, deps: ApiDeps): void {
  registerPictures(app, deps);
  registerThreads(app, deps);
  registerRatings(app, deps);
  registerReports(app, deps);
  registerBlocks(app, deps);
}

/**
 * Whom a person may see: themselves, models as clients see them, and who is in a call or has a thread with them.
 * Operators see everybody.
 */
async function maySee(viewer: Person, personId: PersonId, deps: ApiDeps): Promise<boolean> {
  if (viewer.role === 'operator' || viewer.personId === personId) return true;
  const { accounts, blocks, calls, threads } = deps;
  if (await blocks.standsBetween(viewer.personId, personId)) return false;
  const role = (await accounts.peopleById([personId])).get(personId)?.role;
  if (role === viewer.role) return role === 'model';
  if (role === 'model' || calls.isBetween(viewer.personId, personId)) return true;
  return viewer.role === 'model' && (await threads.peersOf(viewer)).includes(personId);
}

function registerPictures(app: Api, deps: ApiDeps): void {
  const { signIn, pictures, accounts, presence } = deps;
  for (const type of ['image/jpeg', 'image/png', 'image/webp', 'application/octet-stream']) {
    app.addContentTypeParser(type, { parseAs: 'buffer', bodyLimit: PICTURE_BYTES_MAX + 1 }, (_request, body, done) =>
      done(null, body),
    );
  }

  app.get('/api/people/:personId/picture', { schema: { params: PersonParams } }, async (request, reply) => {
    const viewer = await personOf(request, signIn);
    const { personId } = request.params;
    // Whom one may not see has no picture: an answer of another kind would tell that there is somebody.
    if (!(await maySee(viewer, personId, deps))) throw new UserError('no_picture');
    const { mediaType, bytes } = await pictures.read(personId);
    return reply.header('Cache-Control', PICTURE_CACHE).type(mediaType).send(bytes);
  });

  app.put('/api/picture', { bodyLimit: PICTURE_BYTES_MAX + 1 }, async (request) => {
    const { personId } = await personOf(request, signIn);
    if (!Buffer.isBuffer(request.body)) throw new UserError('bad_picture');
    await pictures.set(personId, request.body);
    presence.changed();
    return { pictureUrl: pictureUrlOf(await accounts.person(personId)) };
  });

  app.delete('/api/picture', async (request) => {
    const { personId } = await personOf(request, signIn);
    await pictures.remove(personId);
    presence.changed();
    return { pictureUrl: null };
  });
}

function registerThreads(app: Api, { signIn, threads }: ApiDeps): void {
  app.get('/api/threads', async (request): Promise<Threads> => {
    const person = await personOf(request, signIn, 'client', 'model');
    return { threads: await threads.list(person) };
  });

  app.get(
    '/api/threads/:personId',
    { schema: { params: PersonParams, querystring: PageQuery } },
    async (request): Promise<Thread> => {
      const person = await personOf(request, signIn, 'client', 'model');
      return threads.thread(person, request.params.personId, request.query);
    },
  );
}

function registerRatings(app: Api, { signIn, ratings, presence, hub }: ApiDeps): void {
  app.get('/api/calls/:callId/rating', { schema: { params: CallParams } }, async (request): Promise<CallRating> => {
    const { personId } = await personOf(request, signIn, 'client', 'model');
    return ratings.ofCall(request.params.callId, personId);
  });

  app.put(
    '/api/calls/:callId/rating',
    { schema: { params: CallParams, body: SetRating } },
    async (request): Promise<CallRating> => {
      const { personId, role } = await personOf(request, signIn, 'client', 'model');
      const { callId } = request.params;
      const reportId = await ratings.rate(callId, personId, request.body);
      if (role === 'client') presence.changed();
      if (reportId !== null) hub.sendToRole('operator', { type: 'report.changed', reportId });
      return ratings.ofCall(callId, personId);
    },
  );
}

function registerReports(app: Api, { signIn, issueReports, accounts, hub }: ApiDeps): void {
  app.post(
    '/api/people/:personId/reports',
    { schema: { params: PersonParams, body: ReportPerson } },
    async (request, reply): Promise<IssueReport> => {
      const reporter = await personOf(request, signIn, 'client', 'model');
      const about = await accounts.person(request.params.personId);
      if (about.role === reporter.role) throw new UserError('person_not_found');
      const { callId = null, ...issue } = request.body;
      const reportId = await issueReports.make(reporter.personId, about.personId, issue, callId);
      hub.sendToRole('operator', { type: 'report.changed', reportId });
      reply.code(201);
      return forReporter(await issueReports.read(reportId));
    },
  );

  app.get(
    '/api/issue-reports',
    { schema: { querystring: IssueReportQuery } },
    async (request): Promise<IssueReports> => {
      const person = await personOf(request, signIn);
      const reporterId = person.role === 'operator' ? null : person.personId;
      const [reports, openCount] = await Promise.all([
        issueReports.list(request.query, reporterId),
        issueReports.openCount(reporterId),
      ]);
      return { reports: reporterId === null ? reports : reports.map(forReporter), openCount };
    },
  );

  app.post(
    '/api/issue-reports/:reportId/answer',
    { schema: { params: ReportParams, body: AnswerReport }, config: { audit: 'report_answered' } },
    async (request): Promise<IssueReport> => {
      const operator = await personOf(request, signIn, 'operator');
      const { reportId } = request.params;
      const report = await issueReports.answer(reportId, operator.personId, request.body.words);
      hub.sendToPerson(report.reporter.personId, { type: 'report.changed', reportId });
      hub.sendToRole('operator', { type: 'report.changed', reportId });
      return report;
    },
  );
}

/** Who of the studio answered is the studio's matter; so is what another's call came to. */
const forReporter = (report: IssueReport): IssueReport => ({ ...report, answeredBy: null });

function registerBlocks(app: Api, { signIn, blocks, accounts, calls, presence }: ApiDeps): void {
  app.get('/api/blocks', async (request): Promise<Blocks> => {
    const { personId } = await personOf(request, signIn, 'client', 'model');
    return { blocks: await blocks.of(personId) };
  });

  app.put('/api/people/:personId/block', { schema: { params: PersonParams } }, async (request) => {
    const person = await personOf(request, signIn, 'client', 'model');
    const other = await accounts.person(request.params.personId);
    if (other.role === person.role || other.role === 'operator') {
      throw new UserError('not_allowed', 'A model can block clients, and a client models.');
    }
    await blocks.block(person.personId, other.personId);
    await calls.blocked(person.personId, other.personId);
    presence.changed();
    return {};
  });

  app.delete('/api/people/:personId/block', { schema: { params: PersonParams } }, async (request) => {
    const { personId } = await personOf(request, signIn, 'client', 'model');
    await blocks.lift(personId, request.params.personId);
    presence.changed();
    return {};
  });

  app.put(
    '/api/people/:personId/marks',
    { schema: { params: PersonParams, body: SetMarks }, config: { audit: 'marks_set' } },
    async (request) => {
      await personOf(request, signIn, 'operator');
      await accounts.setMarks(request.params.personId, request.body);
      presence.changed();
      return {};
    },
  );

  app.put(
    '/api/people/:personId/share',
    { schema: { params: PersonParams, body: SetShare }, config: { audit: 'share_set' } },
    async (request) => {
      await personOf(request, signIn, 'operator');
      await accounts.setShare(request.params.personId, request.body.sharePercent);
      return {};
    },
  );
}
