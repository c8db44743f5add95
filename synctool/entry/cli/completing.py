"""Completes command lines in bash, zsh, fish and PowerShell, the names of profiles included."""

import click
from click.shell_completion import CompletionItem, FishComplete, add_completion_class, get_completion_class

SHELLS = ("bash", "zsh", "fish", "powershell")
VARIABLE = "_SYNCTOOL_COMPLETE"
"""What a shell sets to have words completed instead of a command run; click's own name for this program."""


class PowerShell(FishComplete):
    """Completion for PowerShell, which is asked and answered as fish is; paths are left to PowerShell itself."""

    name = "powershell"
    source_template = """\
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($word, $line, $cursor)
    $env:COMP_WORDS = $line.ToString()
    $env:COMP_CWORD = $word
    $env:%(complete_var)s = 'powershell_complete'
    try {
        foreach ($told in @(%(prog_name)s)) {
            $kind, $rest = $told -split ',', 2
            if ($kind -ne 'plain') { continue }
            $value, $help = $rest -split "`t", 2
            $text = if ($value -match "[\\s']") { "'" + $value.Replace("'", "''") + "'" } else { $value }
            if (-not $help) { $help = $value }
            [System.Management.Automation.CompletionResult]::new($text, $value, 'ParameterValue', $help)
        }
    } finally {
        Remove-Item Env:COMP_WORDS, Env:COMP_CWORD, Env:%(complete_var)s -ErrorAction SilentlyContinue
    }
}
"""


add_completion_class(PowerShell)


def script(program: click.Command, shell: str) -> str:
    """What a shell runs at its start to complete the command lines of this program."""
    completer = get_completion_class(shell)
    assert completer
    return completer(program, {}, "synctool", VARIABLE).source()


def profiles(ctx: click.Context, _: click.Parameter, begun: str) -> list[CompletionItem]:
    """The names of profiles that begin so; none where the folder is not there."""
    from synctool.entry.cli.choosing import called  # noqa: PLC0415 - only where a name is completed

    return [
        CompletionItem(name) for name in called(ctx.find_root().params["profiles"]) if name.startswith(begun)
    ]
