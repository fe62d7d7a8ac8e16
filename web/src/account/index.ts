// Module: account. Setting up and signing in, and a person's own page: password, devices, language, data. Its pages
// are loaded by the router.
export { ChoosePassword, PasswordReminder } from './password-reminder.tsx';
export { displayNameProblem, suggestUsername, usernameProblem } from './rules.ts';
