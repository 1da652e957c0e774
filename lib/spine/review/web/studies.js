// What the page asks of a study of the list.
const WITH_RESULTS = ['ok', 'review', 'missing'];

/** Whether a study was measured. */
export const has_results = ({status}) => WITH_RESULTS.includes(status);
