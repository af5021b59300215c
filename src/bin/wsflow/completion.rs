//! `wsflow completion`: what a shell needs to complete what is typed.
//!
//! clap makes the scripts. Those of bash, zsh and fish go on with a part of ours, in the language of the shell: it
//! completes operators of the filter language, and lists of fields.

use std::io::Write as _;

use clap::CommandFactory as _;
use clap_complete::Shell;
use wsflow::filter::OPERATORS;
use wsflow::output::{Field, FindingField, FlowField, MessageField};

use crate::args::{Args, CompletionArgs};
use crate::streams;

const BASH: &str = include_str!("completion/words.bash");
const ZSH: &str = include_str!("completion/words.zsh");
const FISH: &str = include_str!("completion/words.fish");

pub(crate) fn run(args: &CompletionArgs) -> anyhow::Result<()> {
    let mut stdout = streams::stdout();
    stdout.write_all(script(args.shell)?.as_bytes())?;
    Ok(stdout.flush()?)
}

fn script(shell: Shell) -> anyhow::Result<String> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "wsflow", &mut script);
    let mut script = String::from_utf8(script)?;
    match shell {
        Shell::Bash => {
            let words = |words: &[Word]| words.iter().map(|word| word.0).collect::<Vec<_>>().join(" ");
            let fields = |(command, fields): &(&str, Vec<Word>)| format!("{command}) fields='{}' ;;", words(fields));
            script += &filled(BASH, &words(&operators()), &lines(fields));
        }
        Shell::Zsh => {
            // It ends by saying which function completes, which is ours.
            let end = script.rfind("if [ \"$funcstack").unwrap_or(script.len());
            script.truncate(end);
            let described = |(name, help): &Word| quoted(&format!("{name}:{}", help.replace(':', "\\:")), r"'\''");
            let words = |words: &[Word]| words.iter().map(described).collect::<Vec<_>>().join("\n");
            let fields = |(command, fields): &(&str, Vec<Word>)| format!("{command}) fields=({}) ;;", words(fields));
            script += &filled(ZSH, &words(&operators()), &lines(fields));
        }
        Shell::Fish => {
            let described = |(name, help): &Word| format!("{name} {}", quoted(&help.replace('\\', r"\\"), r"\'"));
            let operators = operators().iter().map(described).collect::<Vec<_>>().join(" ");
            let fields = |(command, fields): &(&str, Vec<Word>)| {
                let names = fields.iter().map(|field| field.0).collect::<Vec<_>>().join(" ");
                let condition = format!("__fish_wsflow_using_subcommand {command}");
                format!("complete -c wsflow -n '{condition}' -l fields -x -a '(__fish_append , {names})'")
            };
            script += &filled(FISH, &operators, &lines(fields));
            script += &fish_operands();
        }
        _ => {}
    }
    Ok(script)
}

/// The operands that are one of a few words. Those of `help` clap tells fish in vain: what it asks first, whether one
/// of the commands was typed, `help` itself answers.
fn fish_operands() -> String {
    let program = Args::command();
    let values = |command: &clap::Command| {
        let words = command.get_positionals().flat_map(clap::Arg::get_possible_values);
        (command.get_name().to_owned(), words.map(|value| value.get_name().to_owned()).collect())
    };
    let commands: Vec<_> = program.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    let operands = program.get_subcommands().map(values).chain([("help".to_owned(), commands)]);
    let operands = operands.filter(|(_, words): &(String, Vec<String>)| !words.is_empty());
    let line = |(command, words): (String, Vec<String>)| {
        let condition = format!("__fish_wsflow_using_subcommand {command}");
        format!("complete -c wsflow -n '{condition}' -f -a '{}'\n", words.join(" "))
    };
    operands.map(line).collect()
}

/// A name and what it means.
type Word = (&'static str, &'static str);

/// The operators, without the `~`.
fn operators() -> Vec<Word> {
    OPERATORS.iter().map(|info| (info.code, info.help)).collect()
}

/// The commands that print fields, and those.
fn fields() -> [(&'static str, Vec<Word>); 4] {
    [
        ("ls", names::<MessageField>()),
        ("filter", names::<MessageField>()),
        ("flows", names::<FlowField>()),
        ("check", names::<FindingField>()),
    ]
}

fn names<F: Field>() -> Vec<Word> {
    F::ALL.iter().map(|info| (info.name, info.help)).collect()
}

fn lines(line: impl FnMut(&(&'static str, Vec<Word>)) -> String) -> String {
    fields().iter().map(line).collect::<Vec<_>>().join("\n")
}

/// A word in single quotes; within them a quote is written as `quote`.
fn quoted(text: &str, quote: &str) -> String {
    format!("'{}'", text.replace('\'', quote))
}

fn filled(template: &str, operators: &str, fields: &str) -> String {
    template.replace("@OPERATORS@", operators).replace("@FIELDS@", fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_with_fields_is_there() {
        let command = Args::command();
        let with_fields = command
            .get_subcommands()
            .filter(|command| command.get_arguments().any(|argument| argument.get_long() == Some("fields")));
        let mut expected: Vec<_> = with_fields.map(|command| command.get_name()).collect();
        expected.sort_unstable();
        let fields = fields();
        let mut found: Vec<_> = fields.iter().map(|(command, _)| *command).collect();
        found.sort_unstable();
        assert_eq!(found, expected);
    }
}
