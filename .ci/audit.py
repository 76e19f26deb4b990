"""Known vulnerabilities in the pinned packages: `python .ci/audit.py requirements.txt …`.

Ends with 1 on a finding. pip-audit alone is not enough of an answer: where the vulnerability service knows none of the
packages (a mirror stands in its place), it says "No known vulnerabilities found" and succeeds without having looked.
So what was looked up is counted, and a service that cannot be asked is said out loud without failing the build.
"""

import json
import re
import subprocess
import sys

NETWORK = re.compile(
    r"requests\.exceptions\.|Connection\w*Error|ConnectTimeout|ServiceError|Could not connect|HTTPError"
)


def not_audited(reason: str) -> int:
    line = "!" * 100
    print(
        f"{line}\nNOT AUDITED for known vulnerabilities: {reason}\nRun `make check` where the service answers.\n{line}"
    )
    return 0


def main(files: list[str]) -> int:
    """0 or 1: what the process ends with."""
    options = ["--require-hashes", "--disable-pip", "--format", "json", "--progress-spinner", "off"]
    command = [sys.executable, "-m", "pip_audit", *options]
    for file in files:
        command += ["--requirement", file]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # our own arguments
    if not answer.stdout.strip():
        if NETWORK.search(answer.stderr):
            return not_audited(answer.stderr.strip().splitlines()[-1][:200])
        print(answer.stderr)
        return 1
    packages = json.loads(answer.stdout)["dependencies"]
    skipped = [package for package in packages if "skip_reason" in package]
    if len(skipped) == len(packages):
        return not_audited(f"the service knows none of the {len(packages)} packages.")
    findings = [(package, vuln) for package in packages for vuln in package.get("vulns", [])]
    for package, vuln in findings:
        fixed = ", ".join(vuln["fix_versions"]) or "no version yet"
        print(f"{package['name']} {package['version']}: {vuln['id']}, fixed in {fixed}")
    for package in skipped:
        print(f"{package['name']}: {package['skip_reason']}")
    print(f"{len(packages) - len(skipped)} packages audited, {len(findings)} known vulnerabilities.")
    return 1 if findings or skipped else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
