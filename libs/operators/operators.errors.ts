export const CASE_NOT_FOUND = { status: 404, code: 'operator-case-not-found', title: 'There is no such open case' };
export const DEAD_JOB_NOT_FOUND = { status: 404, code: 'dead-job-not-found', title: 'There is no such dead job' };
