// Preloaded into Lambda workers: a VPC's network would carry a function's connection to a pod. Here each pod listens on a
// loopback address of its own, and the cluster, which takes no such address, is told another (`addresses.ts`).
const { Socket } = require('node:net');

const connect = Socket.prototype.connect;
const POD = /^10\.213\.(\d+\.\d+)$/;

Socket.prototype.connect = function connectToPod(...given) {
  // node's own callers hand over one normalised list; others the arguments themselves
  const [first, ...rest] = Array.isArray(given[0]) ? given[0] : given;
  const pod = POD.exec(typeof first === 'object' && first !== null ? first.host : rest[0]);
  if (pod === null) return connect.apply(this, given);
  const host = `127.213.${pod[1]}`;
  if (typeof first === 'object') first.host = host;
  else rest[0] = host;
  return connect.apply(this, Array.isArray(given[0]) ? given : [first, ...rest]);
};
