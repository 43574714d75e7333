/** Escape sequences: CSI, then the kinds that carry text to a string terminator or BEL, then the short ones. */
const SEQUENCES = /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|\x1b[ -/]*[0-~]/g;
const COLOR = /^\x1b\[[0-9;:]*m$/;
/** What is left of control characters, and the characters that reorder the text around them. */
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;
