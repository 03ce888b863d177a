"""What the README shows of browsers is what is built and run: the program and the manifest of examples/web/ask.

ARCHITECTURE.md names each file of the client that has a `cfg` of wasm32: the list of what is different there is short as long
as somebody has to write it.
"""

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "examples/web"


def chapter(text: str) -> str:
    """The README's section about browsers."""
    return text.split("\n## In browsers and at the edge\n")[1].split("\n## ")[0]


def inherited(manifest: dict, workspace: dict) -> dict[str, dict]:
    """The dependencies of a package, with what they have from the workspace."""
    found = {}
    for name, wanted in manifest["dependencies"].items():
        wanted = {"version": wanted} if isinstance(wanted, str) else dict(wanted)
        if wanted.pop("workspace", False):
            shared = workspace["dependencies"][name]
            wanted = {**({"version": shared} if isinstance(shared, str) else shared), **wanted}
        found[name] = wanted
    return found


def manifest_problems(shown: dict, built: dict[str, dict], crate_type: list[str]) -> list[str]:
    """What the manifest in the README has otherwise than the one that is built."""
    problems = []
    if shown.get("lib", {}).get("crate-type") != crate_type:
        problems.append(f"the crate type is {crate_type}")
    found = inherited(shown, {})
    for name in sorted(found.keys() ^ built.keys()):
        problems.append(f"the dependency `{name}` is in one of the two alone")
    for name in sorted(found.keys() & built.keys()):
        # Where it comes from differs, and the README may leave out the last numbers of a version.
        for key in sorted((found[name].keys() | built[name].keys()) - {"path", "version"}):
            if found[name].get(key) != built[name].get(key):
                problems.append(f"`{name}` has {key} = {built[name].get(key)}")
        version, whole = found[name].get("version", ""), built[name].get("version", "")
        if not f"{whole}.".startswith(f"{version}."):
            problems.append(f"`{name}` has version {whole}")
    return problems


def shown_problems() -> list[str]:
    """What the README shows otherwise than it is."""
    text = chapter((ROOT / "README.md").read_text())
    program = (WEB / "ask/src/lib.rs").read_text()
    problems = [] if f"```text\n{program}```" in text else ["the program is another"]
    shown = re.search(r"^```toml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    if not shown:
        return [*problems, "there is no manifest"]
    manifest = tomllib.loads((WEB / "ask/Cargo.toml").read_text())
    workspace = tomllib.loads((WEB / "Cargo.toml").read_text())["workspace"]
    problems += manifest_problems(tomllib.loads(shown[1]), inherited(manifest, workspace), manifest["lib"]["crate-type"])
    return [f"README.md and examples/web/ask: {problem}" for problem in problems]


def cfg_problems() -> list[str]:
    """Files with a `cfg` of wasm32 that the architecture does not name, and the other way round."""
    source = ROOT / "crates/anthropic/src"
    found = {
        str(file.relative_to(source))
        for file in source.rglob("*.rs")
        if re.search(r"#!?\[cfg\([^\]]*target_arch", file.read_text())
    }
    text = (ROOT / "ARCHITECTURE.md").read_text()
    row = next(line for line in text.splitlines() if line.startswith("| what is different in browsers"))
    listed = row.split("A `cfg` of wasm32 is in ")[-1]
    named = set(re.findall(r"`([\w/]+\.rs)`", listed))
    return [f"ARCHITECTURE.md and the `cfg`s of wasm32: {name}" for name in sorted(found ^ named)]


if __name__ == "__main__":
    problems = [*shown_problems(), *cfg_problems()]
    for problem in problems:
        print(problem, file=sys.stderr)
    sys.exit(bool(problems))
