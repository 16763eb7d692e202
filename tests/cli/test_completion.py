"""What the shells offer, asked of the shells themselves: commands, options, and the names that the store has."""
import os
import re
import subprocess

import pytest

from support.tegami import PROGRAM, Tegami

BASH = """source <(tegami completion bash)
COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDS=($2) COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
[[ $1 != *' ' ]] || COMP_CWORD=$((COMP_CWORD + 1))
_tegami; printf '%s\\n' "${COMPREPLY[@]}"
"""
ZSH = """compdef() { : }
compadd() { shift; print -l -- "$@" }
_files() { : }
source <(tegami completion zsh)
words=(${(z)1}); [[ $1 != *' ' ]] || words+=('')
CURRENT=$#words PREFIX=$words[-1]; _tegami"""
FISH = "complete -e tegami; tegami completion fish | source; complete -C $argv[1]"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    one = Tegami(tmp_path_factory.mktemp("completion"), "a.test").init()
    for name in ("anna", "anton", "bo"):
        one.add_account(f"{name}@a.test", "correct horse battery")
    (one.folder / "tegami").symlink_to(PROGRAM)
    one.run("alias", "add", "sales@a.test", "anna@a.test")
    return one


def offered(shell, folder, line):
    environment = {"PATH": f"{folder.folder}:{os.environ['PATH']}", "TEGAMI_CONFIG": str(folder.config), "HOME": str(folder.folder),
                   "LC_ALL": "C.UTF-8"}
    parts = re.sub(r"([@=])", r" \\1 ", line)  # as bash has it, which takes @ for a word of its own
    arguments = {"bash": ["bash", "-c", BASH, "bash", line, parts], "zsh": ["zsh", "-fc", ZSH, "zsh", line],
                 "fish": ["fish", "-Nc", FISH, line]}[shell]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=60, env=environment)
    assert done.stderr == "", done
    return {word.split("\t")[0].strip() for word in done.stdout.splitlines() if word.strip()}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_names_of_the_store_are_offered(folder, shell):
    assert {"account", "serve", "ban"} <= offered(shell, folder, "tegami ")
    assert {"add", "show"} <= offered(shell, folder, "tegami account ")
    assert {"anna@a.test", "anton@a.test"} <= offered(shell, folder, "tegami account show an")
    assert "bo@a.test" not in offered(shell, folder, "tegami account show an")
    assert "sales@a.test" in offered(shell, folder, f"tegami --config {folder.config} alias remove ")
    assert "a.test" in offered(shell, folder, "tegami account list --domain ")
    assert {"none", "testing", "enforce"} <= offered(shell, folder, "tegami domain set a.test --mta-sts ")
    assert "--json" in offered(shell, folder, "tegami queue list --")
    at = offered(shell, folder, "tegami account show anna@")
    assert at >= ({"a.test"} if shell == "bash" else {"anna@a.test"}), "bash completes what follows the @"
