"""Where the official SDKs' own tests and examples come from."""

import subprocess
import sys
import tarfile
from pathlib import Path

PYTHON = "https://github.com/anthropics/anthropic-sdk-python"
TYPESCRIPT = "https://github.com/anthropics/anthropic-sdk-typescript"


def clone(repository: str, tag: str, into: Path) -> bool:
    """Whether a tag of a repository could be had."""
    command = ["git", "clone", "--quiet", "--depth", "1", "--branch", tag, repository, str(into)]
    return subprocess.run(command).returncode == 0


def python(version: str, folder: Path) -> Path:
    """The source of the Python SDK with its tests and examples: the source distribution, from where pip gets packages, or
    else the repository's tag. FOLDER keeps it."""
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    root = folder / f"anthropic-{version}"
    # Written last, or else a download that broke off would be taken for a whole one.
    whole = root / ".whole"
    if whole.exists():
        return root
    download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", "anthropic"]
    if subprocess.run([*download, "--dest", str(folder), f"anthropic=={version}"]).returncode == 0:
        with tarfile.open(folder / f"anthropic-{version}.tar.gz") as archive:
            archive.extractall(folder, filter="data")
    elif not clone(PYTHON, f"v{version}", root):
        raise SystemExit(f"the source of anthropic {version} can't be had")
    whole.touch()
    return root


def typescript(version: str, folder: Path) -> Path | None:
    """The source of the TypeScript SDK: the repository's tag, as no package has the examples. None where the repository
    can't be reached."""
    folder.mkdir(parents=True, exist_ok=True)
    root = folder.resolve() / f"sdk-v{version}"
    if (root / "examples").is_dir() or clone(TYPESCRIPT, f"sdk-v{version}", root):
        return root
    return None


if __name__ == "__main__":
    import importlib.metadata

    print(python(importlib.metadata.version("anthropic"), Path(sys.argv[1])))
