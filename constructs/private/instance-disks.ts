/** Families with local disks, which SageMaker encrypts by itself: with a key for them it refuses the request. */
const LOCAL_DISKS =
  /^ml\.(dl1|g4dn|g5|g6|g6e|g7|g7e|p3dn|p4d|p4de|p5|p5e|p5en|p6-b200|p6-b300|p6e-gb200|trn1|trn1n|trn2|[a-z]+\d+[a-z]*d[a-z]*)\./;

/** Whether instances of a type have local disks. */
export function hasLocalDisks(instanceType: string): boolean {
  return LOCAL_DISKS.test(instanceType);
}
