import { Accounts, Pictures, SignIn } from '../accounts/index.ts';
import { Audit } from '../audit/index.ts';
import type { Hub } from '../hub/index.ts';
import { Threads } from '../messages/index.ts';
import { Push } from '../push/index.ts';
import { Blocks, Favourites, FreeNotices, IssueReports, Ratings } from '../trust/index.ts';
import type { Base } from './base.ts';

/** Who there is, what they think of each other, and what they write. */
export function openPeople({ store, settings, log, metrics }: Base, hub: Hub) {
  const database = store.main;
  const accounts = new Accounts(database);
  const blocks = new Blocks(database);
  return {
    accounts,
    signIn: new SignIn(database, settings.name),
    pictures: new Pictures(database),
    blocks,
    favourites: new Favourites(database),
    ratings: new Ratings(database),
    issueReports: new IssueReports(database),
    freeNotices: new FreeNotices(database),
    audit: new Audit(database, log),
    push: new Push({ database, settings, log, metrics }),
    threads: new Threads({ database, accounts, blocks, hub }),
  };
}
