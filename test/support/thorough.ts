/** Whether there is time for all that is random: `npm run test:all` tries the whole number of cases, `npm test` some of them. */
export const isThorough = process.env.RUNNER_TEST_ALL === '1';
