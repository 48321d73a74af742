/** A number of rounds, files or milliseconds: `usual`, or `nightly` in `pnpm nightly`. */
export const scaled = (usual: number, nightly: number): number => (process.env.NIGHTLY === undefined ? usual : nightly)
