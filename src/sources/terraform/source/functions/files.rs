//! Functions that read files: only those of the tree, and no large ones.

use std::sync::Arc;

use globset::GlobBuilder;

use super::super::super::blocks::join;
use super::super::evaluate::{Fault, Outcome, Scope};
use super::super::module::Evaluator;
use super::super::term::{Term, Unknown};
use super::text;
use super::texts::encode_base64;

/// How large a file may be, in bytes.
const MAX_FILE_BYTES: usize = 1 << 20;

/// How many files `fileset` may find.
const MAX_FOUND: usize = 10_000;

/// Call a function of this kind; `None` if it is none.
pub(super) fn call(
    evaluator: &Evaluator<'_>,
    name: &str,
    arguments: &[Term],
    scope: Scope<'_>,
) -> Option<Outcome> {
    Some(match name {
        "file" => contents(evaluator, name, arguments).map(|found| match found {
            Ok(bytes) => Term::text(String::from_utf8_lossy(&bytes)),
            Err(unknown) => unknown,
        }),
        "filebase64" => contents(evaluator, name, arguments).map(|found| match found {
            Ok(bytes) => Term::text(encode_base64(&bytes)),
            Err(unknown) => unknown,
        }),
        "fileexists" => place(evaluator, name, arguments).map(|found| match found {
            Ok(path) => Term::Bool(evaluator.file(&path).is_some()),
            Err(unknown) => unknown,
        }),
        "fileset" => file_set(evaluator, arguments),
        "templatefile" => template_file(evaluator, arguments, scope),
        "templatestring" => text(arguments, 0)
            .and_then(|template| render(evaluator, &template, arguments.get(1), scope)),
        _ => return None,
    })
}

/// Where in the tree a path leads; the inner error is the unknown value for a path that leaves it.
fn place(
    evaluator: &Evaluator<'_>,
    function: &str,
    arguments: &[Term],
) -> Result<Result<String, Term>, Fault> {
    if arguments.first().is_some_and(Term::has_unknown) {
        return Ok(Err(super::unknown(function, arguments)));
    }
    let path = text(arguments, 0)?;
    let root = evaluator.node(0).definition.directory.clone();
    let inside =
        (!path.starts_with(['/', '~']) && !path.contains('\\')).then(|| join(&root, &path));
    Ok(match inside.flatten() {
        Some(path) => Ok(path),
        None => {
            evaluator.notice(
                "outside-the-tree",
                format!("{function}({path:?})"),
                "it leads out of the repository, and nothing is read there".to_owned(),
            );
            let name = format!("{function}({path:?})");
            Err(Term::unknown(Unknown::hidden(
                name,
                "a file outside the repository is not read",
            )))
        }
    })
}

fn contents(
    evaluator: &Evaluator<'_>,
    function: &str,
    arguments: &[Term],
) -> Result<Result<Arc<[u8]>, Term>, Fault> {
    let path = match place(evaluator, function, arguments)? {
        Ok(path) => path,
        Err(unknown) => return Ok(Err(unknown)),
    };
    let bytes = evaluator
        .file(&path)
        .ok_or_else(|| Fault::wrong(format!("there is no file {path}")))?;
    if bytes.len() > MAX_FILE_BYTES {
        let name = format!("{function}({path:?})");
        return Ok(Err(Term::unknown(Unknown::hidden(
            name,
            format!("{path} is too large"),
        ))));
    }
    evaluator.pay_text(bytes.len())?;
    Ok(Ok(bytes))
}

fn file_set(evaluator: &Evaluator<'_>, arguments: &[Term]) -> Outcome {
    let directory = match place(evaluator, "fileset", arguments)? {
        Ok(directory) => directory,
        Err(unknown) => return Ok(unknown),
    };
    let pattern = text(arguments, 1)?;
    let glob = GlobBuilder::new(&pattern)
        .literal_separator(true)
        .build()
        .map_err(|_| Fault::wrong("fileset cannot read its pattern"))?
        .compile_matcher();
    let below = if directory.is_empty() {
        String::new()
    } else {
        format!("{directory}/")
    };
    let paths = evaluator.paths();
    let mut found = Vec::new();
    for path in paths.range(below.clone()..) {
        let Some(own) = path.strip_prefix(&below) else {
            break;
        };
        evaluator.pay_text(own.len())?;
        if glob.is_match(own) {
            found.push(Term::text(own));
            if found.len() >= MAX_FOUND {
                break;
            }
        }
    }
    Ok(Term::set(found))
}

fn template_file(evaluator: &Evaluator<'_>, arguments: &[Term], scope: Scope<'_>) -> Outcome {
    let bytes = match contents(evaluator, "templatefile", arguments)? {
        Ok(bytes) => bytes,
        Err(unknown) => return Ok(unknown),
    };
    let template = String::from_utf8_lossy(&bytes).into_owned();
    render(evaluator, &template, arguments.get(1), scope)
}

/// A template with the members of an object as its names.
fn render(
    evaluator: &Evaluator<'_>,
    template: &str,
    names: Option<&Term>,
    scope: Scope<'_>,
) -> Outcome {
    evaluator.pay_text(template.len() * 8)?;
    let template = evaluator
        .decoded
        .template(template)
        .ok_or_else(|| Fault::wrong("a template cannot be read"))?;
    let names = match names.map(|names| names.revealed().0) {
        Some(Term::Object(members)) => Some(&**members),
        _ => None,
    };
    let scope = Scope {
        bindings: None,
        names,
        ..scope
    };
    evaluator.template(&template, scope)
}
