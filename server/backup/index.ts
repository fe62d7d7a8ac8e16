// Module: backup. The whole appliance as one encrypted file, and back. In: a database while calls run, a data folder.
// Out: a file of one instant; from it an appliance again, or a sentence that says why not and nothing changed. It knows
// tables by the database's own catalogue, and no rules of calls or money: whether the books add up is asked of the ledger.
export { type BackedUp, writeBackup } from './backup.ts';
export { BackupError, type Key, type Lock } from './container.ts';
export { type Restored, restoreBackup } from './restore.ts';
