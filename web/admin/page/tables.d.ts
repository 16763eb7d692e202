/** Made by build.mjs of the tables of the command line. */
declare module "tegami:server-words" {
    const tables: import("../words/server.js").Tables;
    export default tables;
}
