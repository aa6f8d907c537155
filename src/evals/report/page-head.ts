// How a page of eval results begins. It stands apart from the page, so that a command can tell such a file before anything is drawn.
export const EVAL_PAGE_HEAD = '<!doctype html>\n<html lang="en" data-conclave-eval="1">\n';
