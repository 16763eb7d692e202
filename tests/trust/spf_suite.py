#!/usr/bin/env python3
"""Runs the published cases for RFC 7208 against our check_host: spf_suite.py PROGRAM, the spf_suite of a build.

The cases come with a Debian package (scripts/packages-test.txt); without them this fails. Where a case allows several
results, each of them is right, as its authors say. Exit status 1 with a line for each case that went wrong.
"""
import pathlib
import subprocess
import sys

import yaml

SUITE = pathlib.Path("/usr/share/gocode/src/blitiri.com.ar/go/spf/testdata/rfc7208-tests.yml")
CASES_MIN = 203  # of 2014.05: a suite with fewer is not the one


def octets(text):
    """The suite writes octets above 0x7f as the characters with these numbers."""
    return text.encode("latin-1")


def word(text):
    return "x" + octets(text).hex()


def name(text):
    """A domain name in which every unusual octet is escaped; the root as a dot."""
    return "".join(c if c.isalnum() or c in "-_." else f"\\{ord(c):03}" for c in text) or "."


def quoted(strings):
    """TXT rdata: strings of at most 255 octets."""
    pieces = []
    for text in strings:
        raw = octets(text)
        pieces += [raw[at : at + 255] for at in range(0, max(len(raw), 1), 255)]
    return " ".join('"' + "".join(f"\\{octet:03}" for octet in piece) + '"' for piece in pieces)


def rdata(kind, value):
    if kind == "TXT":
        return quoted([value] if isinstance(value, str) else value or [""])
    if kind == "MX":
        return f"{value[0]} {name(value[1])}"
    return name(value) if kind in ("CNAME", "PTR") else value


def zone_lines(zone):
    """A record of type SPF stands for a TXT record if its name has none of these (RFC 7208 §3.1 has left TXT only)."""
    yield "zone"
    for owner, entries in zone.items():
        pairs = [next(iter(entry.items())) for entry in entries if isinstance(entry, dict)]
        kinds = {kind for kind, _ in pairs}
        pairs = [("TXT" if kind == "SPF" and "TXT" not in kinds else kind, value) for kind, value in pairs]
        records = [(kind, value) for kind, value in pairs if kind in ("A", "AAAA", "MX", "PTR", "CNAME", "TXT")]
        records = [(kind, value) for kind, value in records if value != "NONE"]
        for kind, value in records:
            yield f"record {name(owner)} {kind} {rdata(kind, value)}"
        fails = "TIMEOUT" in entries or kinds & {"TIMEOUT", "CNAMELOOP"}
        if fails and not any(kind == "TXT" for kind, _ in records):
            yield f"broken {name(owner)}"


def case_line(case):
    sender = "- -"
    if case["mailfrom"]:
        local, _, domain = case["mailfrom"].rpartition("@")
        sender = f"{word(local)} {word(domain)}"
    return f"case {case['host']} {word(case['helo'])} {sender}"


def fault(case, answer):
    """What is wrong with an answer, or nothing. The explanation "DEFAULT" means none of the domain's own."""
    outcome, explanation = answer.split(" ")
    results = case["result"] if isinstance(case["result"], list) else [case["result"]]
    if outcome not in results:
        return f"{outcome}, not {' or '.join(results)}"
    if "explanation" not in case:
        return None
    wanted = None if case["explanation"] == "DEFAULT" else case["explanation"]
    given = None if explanation == "-" else bytes.fromhex(explanation[1:]).decode("latin-1")
    # The digits of an IPv6 address as labels are of upper case here, and of lower case in RFC 7208 §7.4.
    if (wanted or "").lower() != (given or "").lower() or (wanted is None) != (given is None):
        return f"explains {given!r}, not {wanted!r}"
    return None


def main():
    lines, cases = [], []
    for scenario in yaml.safe_load_all(SUITE.read_text()):
        lines += zone_lines(scenario["zonedata"])
        for title, case in scenario["tests"].items():
            lines.append(case_line(case))
            cases.append((f"{scenario['description']}: {title}", case))
    assert len(cases) >= CASES_MIN, f"{SUITE} has {len(cases)} cases"
    done = subprocess.run([sys.argv[1]], input="\n".join(lines) + "\n", capture_output=True, text=True, timeout=50)
    if done.returncode != 0:
        sys.exit(f"{sys.argv[1]} ended with status {done.returncode}: {done.stderr}")
    faults = [f"{title}: {wrong}" for (title, case), answer in zip(cases, done.stdout.splitlines(), strict=True)
              if (wrong := fault(case, answer))]
    print("\n".join([*faults, f"SPF: {len(cases)} published cases, {len(faults)} went wrong"]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
