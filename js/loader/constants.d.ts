/** Constants set by the build. */

/** Name and hash of the module's content. */
declare const NBSTREAM_MODULE: string;
/** The module, packed by gzip, in base64. */
declare const NBSTREAM_PACKED: string;
