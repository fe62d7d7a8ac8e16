/** Host names of mDNS and TCP mean nothing to the appliance; an empty candidate only marks the end. */
export function isUsefulCandidate(candidate: string): boolean {
  return candidate !== '' && !candidate.includes('.local ') && / udp /i.test(candidate);
}
