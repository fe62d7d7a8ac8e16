#!/usr/bin/env python3
"""The charging rules once more, written from the law alone: plays seeded calls and prints, one JSON object a line,
the meter log of each and what the law says that it costs. Standard library only.

Usage: law.py SEED SEEDS
"""
import json
import random
import sys
from fractions import Fraction
from math import ceil

MODEL_SIDE = {"slow_link", "no_media", "reconnecting", "appliance_reconnecting"}
HOST_REASONS = ["no_media", "reconnecting", "appliance_reconnecting", "client_no_media", "client_reconnecting"]
LATE_MS = {"slow_link": 30_000, "no_media": 2_000, "reconnecting": 20_000}
GRACE_MS = 300_000


class Call:
    def __init__(self, seed):
        self.random = random.Random(seed)
        pick = self.random.choice
        self.tariff = pick(["per_minute", "per_second"])
        self.unit_ms = 60_000 if self.tariff == "per_minute" else 1_000
        self.rate = pick([1, 7, 59, 60, 61, 199, 200, 600, self.random.randint(1, 2_000)])
        self.minimum = pick([0, 1, 3, 5, 10])
        self.share = pick([0, 33, 60, 100, self.random.randint(0, 100)])
        self.balance = self.rate * pick([1, 2, 3, 50, 1_000])
        self.log = []
        self.units = []
        self.charged = 0
        self.now = 1_000_000 + self.random.randint(0, 999)
        self.run_from = self.now   # this run of the appliance
        self.base = 0              # billable time at its beginning
        self.stands = []           # [from, to or None, reason]
        self.next_transfer = 1
        self.paid_ahead = None     # a refused unit that a restart has paid
        self.suspended = None
        self.suspended_at = None
        self.waived = False
        self.model_fault_since = None
        self.closed = False
        self.refusals = 0
        self.write("started")

    # What the law says.

    def price(self, units):
        """Rules 2 and 3."""
        if self.tariff == "per_minute":
            return self.rate * units
        return ceil(Fraction(self.rate * units, 60))

    def billable(self, at):
        """Live time less the union of the times in which the meter stands."""
        spans = sorted((max(a, self.run_from), at if b is None else min(b, at)) for a, b, _ in self.stands)
        stood, covered = 0, self.run_from
        for a, b in spans:
            a = max(a, covered)
            if b > a:
                stood += b - a
                covered = b
        return self.base + (at - self.run_from) - stood

    def reasons(self):
        return {reason for _, to, reason in self.stands if to is None}

    def next_unit(self):
        unit = (self.units[-1][0] if self.units else 0) + 1
        while self.price(unit) == self.price(unit - 1):
            unit += 1
        return unit

    # What is written.

    def write(self, kind, at=None, billable=None, **detail):
        at = self.now if at is None else at
        self.log.append({
            "seq": len(self.log) + 1, "kind": kind, "monoMs": at,
            "at": "2026-11-22T%02d:%02d:%02d.%03dZ" % (at // 3_600_000 % 24, at // 60_000 % 60, at // 1_000 % 60, at % 1_000),
            "billableMs": self.billable(at) if billable is None else billable, "detail": detail,
        })

    def transfer(self):
        self.next_transfer += 1
        return self.next_transfer

    def charge(self, unit):
        amount = self.price(unit) - self.price(unit - 1)
        if self.paid_ahead == unit:
            self.paid_ahead = None
        else:
            self.balance -= amount
        self.units.append([unit, amount])
        self.charged += amount
        self.write("charged", unit=unit, amountMinor=amount, transferId=self.transfer())

    def advance(self, ms):
        """Time passes; what falls due falls due."""
        until = self.now + ms
        while not self.reasons():
            unit = self.next_unit()
            due = self.now + (unit - 1) * self.unit_ms + 1 - self.billable(self.now)
            amount = self.price(unit) - self.price(unit - 1)
            if self.balance < amount and self.paid_ahead != unit:
                if due - 1 > until:
                    break
                self.now = max(self.now, due - 1)
                self.refusals += 1
                self.write("refused", unit=unit, amountMinor=amount)
                self.write("suspended", unit=unit)
                self.stands.append([self.now, None, "out_of_funds"])
                self.suspended, self.suspended_at = unit, self.now
                break
            if due > until:
                break
            self.now = max(self.now, due)
            self.charge(unit)
        if self.suspended and until >= self.suspended_at + GRACE_MS:
            self.now = max(self.now, self.suspended_at + GRACE_MS)
            self.write("grace_over")
            return self.end("client", out_of_funds=True)
        self.now = max(self.now, until)

    # What can happen.

    def pause(self, reason):
        if reason in self.reasons():
            return
        if reason == "slow_link":
            for kbps in (4_000, 9_000):
                self.probe(kbps)
        late = self.random.choice([0, self.random.randint(0, LATE_MS.get(reason, 0))])
        since = max(self.now - late, self.run_from + 1)
        if since > self.now:
            return
        self.stands.append([since, None, reason])
        if reason in MODEL_SIDE:
            known = self.model_fault_since
            self.model_fault_since = since if known is None else min(known, since)
        self.write("paused", reason=reason, since="", sinceMonoMs=since)

    def resume(self, reason):
        if reason not in self.reasons() or reason in ("out_of_funds", "model_waived"):
            return
        if reason == "slow_link":
            for kbps in (20_000, 15_000):
                self.probe(kbps)
        for stand in self.stands:
            if stand[2] == reason and stand[1] is None:
                stand[1] = self.now
        if not self.reasons() & MODEL_SIDE:
            self.model_fault_since = None
        self.write("resumed", reason=reason)

    def probe(self, kbps):
        verdict = "fail" if kbps < 12_000 else "pass"
        self.write("probed", verdict=verdict, doubt=None, kbps=kbps, thresholdKbps=12_000)

    def restart(self):
        if not self.suspended:
            return
        unit = self.suspended
        amount = self.price(unit) - self.price(unit - 1)
        if self.random.random() < 0.8:
            self.balance += self.rate * self.random.randint(1, 4)
        if self.balance < amount:
            self.refusals += 1
            return self.write("refused", unit=unit, amountMinor=amount)
        self.balance -= amount
        self.paid_ahead = unit
        self.suspended = self.suspended_at = None
        for stand in self.stands:
            if stand[2] == "out_of_funds" and stand[1] is None:
                stand[1] = self.now
        self.write("restarted", unit=unit)

    def waive(self):
        if self.suspended or self.waived:
            return
        self.waived = True
        self.stands.append([self.now, None, "model_waived"])
        self.write("paused", reason="model_waived", since="", sinceMonoMs=self.now)

    def crash(self):
        """The appliance is down: billable time goes on from the last durable line."""
        if self.suspended or self.paid_ahead:
            return
        self.base = self.billable(self.log[-1]["monoMs"])
        kept = self.reasons() & {"slow_link", "model_waived"}
        self.now += self.random.randint(1, 100_000)
        down = self.now - self.log[-1]["monoMs"]
        self.write("recovered", billable=self.base, unitsCharged=0, downMs=down, graceLeftMs=None)
        self.now += self.random.randint(0, 5_000)
        self.run_from = self.now
        self.stands = [[self.now, None, reason] for reason in sorted(kept)]
        self.model_fault_since = self.now if "slow_link" in kept else None
        self.write("started", billable=self.base)

    def end(self, by, out_of_funds=False):
        self.closed = True
        ended_at = self.now
        billable = self.billable(ended_at)
        rest = self.rate * self.minimum - self.charged
        if by == "client" and not out_of_funds and self.random.random() < 0.3:
            later = self.random.randint(0, 1_000)
            by = "model"
            self.write("ended_by_both", at=ended_at + later, billable=billable)
        fault = 0 if self.model_fault_since is None else ended_at - self.model_fault_since
        if self.paid_ahead:  # goes back, in full
            self.balance += self.price(self.paid_ahead) - self.price(self.paid_ahead - 1)
        if rest <= 0:
            why = "none"
        elif by == "model":
            why = "model_ended"
        elif by == "appliance":
            why = "appliance_ended"
        elif self.waived:
            why = "waived"
        elif fault >= 10_000:
            why = "model_fault"
        else:
            why = "due"
        taken = min(rest, self.balance) if why == "due" else 0
        cap = {"minimumCappedBy": self.balance} if why == "due" else {}
        used = self.units[-1][0] if self.units else 0
        self.write("closed", at=ended_at, billable=billable, unitsCharged=used, endedBy=by, outOfFunds=out_of_funds,
                   minimumDueMinor=taken, minimum=why, **cap)
        if self.paid_ahead:
            amount = self.price(self.paid_ahead) - self.price(self.paid_ahead - 1)
            self.write("released", billable=billable, unit=self.paid_ahead, amountMinor=amount,
                       transferId=self.transfer(), releaseId=self.transfer())
        if taken:
            self.write("minimum", billable=billable, amountMinor=taken, transferId=self.transfer())
        total = self.charged + taken
        self.expected = {
            "billableMs": billable, "units": self.units + ([[0, taken]] if taken else []), "why": why,
            "minimumMinor": taken, "chargedMinor": total, "modelMinor": total * self.share // 100,
            "refusedAttempts": self.refusals,
        }

    def play(self):
        chance = self.random.random
        for _ in range(self.random.randint(3, 60)):
            if self.closed:
                return self
            self.advance(self.random.choice([0, 1, self.random.randint(0, 3_000), self.random.randint(0, 90_000)]))
            if self.closed:
                return self
            roll = chance()
            if self.suspended and chance() < 0.5:
                self.restart()
            elif roll < 0.35:
                self.pause(self.random.choice(HOST_REASONS + ["slow_link"]))
            elif roll < 0.75:
                for reason in sorted(self.reasons()):
                    if chance() < 0.7:
                        self.resume(reason)
            elif roll < 0.8:
                self.probe(self.random.choice([20_000, 13_000]))
            elif roll < 0.85:
                self.crash()
            elif roll < 0.86:
                self.waive()
        if not self.closed:
            self.end(self.random.choice(["client", "client", "model", "appliance"]))
        return self


def main():
    first, count = int(sys.argv[1]), int(sys.argv[2])
    for seed in range(first, first + count):
        call = Call(seed).play()
        terms = {"rateMinor": call.rate, "minimumMin": call.minimum, "tariff": call.tariff, "sharePercent": call.share}
        print(json.dumps({"seed": seed, "terms": terms, "log": call.log, "expected": call.expected}))


main()
