"""Writes the manual pages: one for each command, from what the program says of itself (--experimental-dump-help).

    python3 tools/manual.py .build/release/scanward build/man

The same program gives the same bytes: no date but SOURCE_DATE_EPOCH's stands in them.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

EXIT_CODES = [
    ("0", "as asked"),
    ("1", "failed; a sentence on standard error says what was expected, what was found, and what to do"),
    ("2", "score: at least one part is not ok"),
    ("3", "a capture, or a tap, without a frame that can be read; the sentence names what it saw"),
    ("4", "a capture that is cut off at its end, or one file of a folder; what was whole was read"),
    ("5", "a journal that is not as it was written"),
    ("6", "doctor, fleet status: there is something to do"),
    ("64", "wrong arguments: an option that does not exist, has another value, or does not go with the others"),
    ("78", "a configuration with faults in the file or the environment, or any that config check finds; one that a monitor refused on reload"),
    ("130", "a second Ctrl-C while something ran that had a best so far"),
]


def escaped(text):
    """Text as roff: no backslash, no minus that becomes a hyphen, no line that looks like a request."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in text.split("\n"))


def spelled(argument):
    """An argument's names and value, bold and italic."""
    names = [("-" if name["kind"] == "short" else "--") + name["name"] for name in argument.get("names", [])]
    value = argument.get("valueName", "")
    if argument["kind"] == "positional":
        return f"\\fI{escaped(value)}\\fR"
    text = ", ".join(f"\\fB{escaped(name)}\\fR" for name in names)
    return text + (f" \\fI{escaped(value)}\\fR" if argument["kind"] == "option" else "")


def synopsis(names, command):
    """The command line in short."""
    words = [f"\\fB{escaped(' '.join(names))}\\fR"]
    for argument in shown(command):
        text = spelled(argument).split(", ")[-1] + (" ..." if argument["isRepeating"] else "")
        words.append(f"[{text}]" if argument["isOptional"] else text)
    if command.get("subcommands"):
        words.append("\\fIcommand\\fR")
    return " ".join(words)


def shown(command):
    """The arguments that --help shows too."""
    return [argument for argument in command.get("arguments", []) if argument["shouldDisplay"]]


def described(arguments):
    """Lines of a list of arguments."""
    for argument in arguments:
        text = argument.get("abstract", "") + (" " + argument["discussion"] if argument.get("discussion") else "")
        if argument.get("defaultValue") and argument["kind"] != "flag":
            text += f" (default: {argument['defaultValue']})"
        if argument.get("allValues"):
            text += f" (values: {', '.join(argument['allValues'])})"
        yield f".TP\n{spelled(argument)}\n{escaped(text.strip()) or '(no description)'}"


def page(names, command, version, others):
    """One manual page."""
    date = time.strftime("%Y-%m-%d", time.gmtime(int(os.environ["SOURCE_DATE_EPOCH"]))) if "SOURCE_DATE_EPOCH" in os.environ else ""
    title = "-".join(names)
    lines = [
        f'.TH "{escaped(title.upper())}" "1" "{date}" "scanward {version}" "Scanward"',
        ".SH NAME",
        f"{escaped(title)} \\- {escaped(command.get('abstract', ''))}",
        ".SH SYNOPSIS",
        synopsis(names, command),
    ]
    discussion = command.get("discussion", "")
    if discussion:
        lines += [".SH DESCRIPTION", *("\n.PP\n".join(escaped(part) for part in discussion.split("\n\n"))).split("\n")]
    children = [child for child in command.get("subcommands", []) if child["commandName"] != "help"]
    if children:
        lines.append(".SH COMMANDS")
        for child in children:
            lines.append(f".TP\n\\fB{escaped(child['commandName'])}\\fR\n{escaped(child.get('abstract', ''))}")
    positional = [argument for argument in shown(command) if argument["kind"] == "positional"]
    options = [argument for argument in shown(command) if argument["kind"] != "positional"]
    for heading, arguments in (("ARGUMENTS", positional), ("OPTIONS", options)):
        if arguments:
            lines += [f".SH {heading}", *described(arguments)]
    lines.append(".SH EXIT STATUS")
    for code, meaning in EXIT_CODES:
        lines.append(f".TP\n{code}\n{escaped(meaning)}")
    lines += [".SH SEE ALSO", ",\n".join(f".BR {escaped(other)} (1)" for other in others if other != title)]
    return "\n".join(lines) + "\n"


def commands(command, names):
    """Every command with its names, the program first."""
    yield names, command
    for child in command.get("subcommands", []):
        if child["commandName"] != "help":
            yield from commands(child, [*names, child["commandName"]])


def main():
    """Writes a page for each command."""
    program, folder = sys.argv[1], Path(sys.argv[2])
    dump = json.loads(subprocess.run([program, "--experimental-dump-help"], capture_output=True, check=True).stdout)
    version = subprocess.run([program, "--version"], capture_output=True, check=True, text=True).stdout.strip()
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("scanward*.1*"):
        old.unlink()
    pages = list(commands(dump["command"], ["scanward"]))
    for names, command in pages:
        parent = "-".join(names[:-1])
        near = [parent] if parent else []
        near += ["-".join([*names, child["commandName"]]) for child in command.get("subcommands", [])
                 if child["commandName"] != "help"]
        (folder / ("-".join(names) + ".1")).write_text(page(names, command, version, near or ["scanward"]))
    print(f"{len(pages)} manual pages in {folder}")


if __name__ == "__main__":
    main()
