// A module of its own, loaded with the first file: bundlers leave out the rest of the library only where one thing of it is
// named statically.
export { createSHA256 } from 'hash-wasm'
