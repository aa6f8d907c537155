// The five kinds of question a council answers (protocol 4.1). What a decision of each kind changes comes
// later; how it is judged is the same for all.
export const CASE_TYPES = [
  'certification',
  'appeal',
  'charter-amendment',
  'reciprocity',
  'emergency',
] as const;

export type CaseType = (typeof CASE_TYPES)[number];
