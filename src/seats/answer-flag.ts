// What was odd about an answer. Flags are kept beside the rationale for people to read; nothing is weighed by them.

export type AnswerFlag =
  | 'text-around-answer'
  /** inside another object, or JSON spelled as a string */
  | 'answer-nested'
  /** a comma, a comment or a line end was put right before it could be read */
  | 'answer-mended'
  | 'criterion-left-out'
  | 'criterion-invented'
  | 'criterion-doubled'
  | 'finding-unreadable'
  | 'confidence-unreadable'
  | 'citation-unknown'
  /** a criterion is said to be met, and no evidence for it is named */
  | 'citation-missing'
  | 'rationale-cut'
  /** the evidence was put to the model in parts (portions.ts) */
  | 'evidence-divided'
  /** another model says that it answered than the one that was asked */
  | 'served-by-another'
  | 'verdict-contradicts-findings';
