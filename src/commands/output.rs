//! Where reports go.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::{UsageError, reason};
use crate::cli::{Format, Report};

/// One report to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// How.
    pub format: Format,
    /// Where to; `None` for standard output.
    pub file: Option<PathBuf>,
}

/// What the command line asks for, files first: what goes wrong with standard output then costs no file.
///
/// # Errors
///
/// If two reports would go to one place, or `output` is for none.
pub fn destinations(
    formats: &[Report],
    output: Option<&Path>,
) -> Result<Vec<Destination>, UsageError> {
    let default = [Report {
        format: Format::Table,
        file: None,
    }];
    let formats = if formats.is_empty() {
        &default[..]
    } else {
        formats
    };
    if output.is_some() && formats.iter().all(|report| report.file.is_some()) {
        return Err(UsageError::OutputForNothing);
    }
    let mut destinations: Vec<Destination> = formats
        .iter()
        .map(|report| Destination {
            format: report.format,
            file: report
                .file
                .clone()
                .or_else(|| output.map(Path::to_path_buf)),
        })
        .collect();
    let places: BTreeSet<Option<&Path>> = destinations
        .iter()
        .map(|destination| destination.file.as_deref())
        .collect();
    if places.len() < destinations.len() {
        return Err(UsageError::SamePlace);
    }
    destinations.sort_by_key(|destination| destination.file.is_none());
    Ok(destinations)
}

/// Add a text to a file that takes no more than `limit` bytes and may hold some already, as the summary of a CI step.
///
/// `render` is told how much room there is. Whether anything was written.
///
/// # Errors
///
/// If the file cannot be read or written.
pub fn append_within(
    path: &Path,
    limit: usize,
    render: impl FnOnce(usize) -> Option<String>,
) -> Result<bool> {
    let shown = path.display();
    let held = std::fs::metadata(path).map_or(0, |found| found.len());
    let held = usize::try_from(held).unwrap_or(usize::MAX);
    // An empty line before what is there already, a line break behind.
    let Some(text) = render(limit.saturating_sub(held).saturating_sub(4)) else {
        return Ok(false);
    };
    let text = if held > 0 {
        format!("\n\n{text}")
    } else {
        text
    };
    OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| anyhow::Error::msg(reason(&error)))
        .with_context(|| format!("cannot write the step summary to {shown}"))?;
    Ok(true)
}

/// Write a file whole or not at all: beside its place first, then into it.
///
/// A link is followed, and what it leads to is replaced. What is no regular file (a device, a pipe) is written into and
/// never replaced: `--output /dev/stdout` must not put a file where the device was.
///
/// # Errors
///
/// If the directory is not there or cannot be written, or if a directory bears the name.
pub fn write_whole(path: &Path, text: &str) -> Result<()> {
    let shown = path.display();
    let existing = std::fs::metadata(path).ok();
    if existing.as_ref().is_some_and(std::fs::Metadata::is_dir) {
        bail!("cannot write {shown}: it is a directory; name a file in it");
    }
    if let Some(parent) = parent(path)
        && !parent.is_dir()
    {
        bail!(
            "cannot write {shown}: there is no directory {}; create it first",
            parent.display()
        );
    }
    // Standard output may be a regular file under the name of a device.
    let is_device = existing.as_ref().is_some_and(|found| !found.is_file())
        || ["/dev", "/proc"]
            .iter()
            .any(|special| path.starts_with(special));
    let written = if is_device {
        match write_into(path, text) {
            // Whoever reads it has seen enough.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    } else {
        let target = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        replace(&target, text, existing.map(|found| found.permissions()))
    };
    written
        .map_err(|error| reason(&error))
        .map_err(anyhow::Error::msg)
        .with_context(|| format!("cannot write {shown}"))
}

fn parent(path: &Path) -> Option<PathBuf> {
    let parent = path.parent()?;
    (!parent.as_os_str().is_empty()).then(|| parent.to_path_buf())
}

fn write_into(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new().append(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.flush()
}

fn replace(
    path: &Path,
    text: &str,
    permissions: Option<std::fs::Permissions>,
) -> std::io::Result<()> {
    let name = path.file_name().ok_or(std::io::ErrorKind::InvalidInput)?;
    let beside = path.with_file_name(format!(
        ".{}.{}.tmp",
        name.to_string_lossy(),
        std::process::id()
    ));
    // A new file: whatever lies under that name already, a planted link for example, is not followed.
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&beside)?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| permissions.map_or(Ok(()), |permissions| file.set_permissions(permissions)))
        .and_then(|()| std::fs::rename(&beside, path));
    if written.is_err() {
        // The half-written file is of no use to anybody.
        let _ = std::fs::remove_file(&beside);
    }
    written
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("report.md");
        std::fs::write(&path, "a longer text from before").unwrap();
        write_whole(&path, "new").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(names(directory.path()), ["report.md"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link() {
        let directory = tempfile::tempdir().unwrap();
        let (target, link) = (
            directory.path().join("target"),
            directory.path().join("link"),
        );
        std::fs::write(&target, "before").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        write_whole(&link, "after").unwrap();
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "after");
    }

    /// A socket stands for everything that is no regular file: it is at hand without privileges, and harmless.
    #[cfg(unix)]
    #[test]
    fn what_is_no_regular_file_is_never_replaced() {
        use std::os::unix::fs::FileTypeExt as _;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
        assert!(write_whole(&path, "report").is_err());
        let found = std::fs::symlink_metadata(&path).unwrap();
        assert!(found.file_type().is_socket());
        assert_eq!(names(directory.path()), ["socket"]);
    }

    fn to(format: Format, file: Option<&str>) -> Report {
        Report {
            format,
            file: file.map(PathBuf::from),
        }
    }

    #[test]
    fn one_report_goes_without_a_file_and_two_do_not() {
        let table = to(Format::Table, None);
        let sarif = to(Format::Sarif, Some("out.sarif"));
        let shown = |formats: &[Report], output: Option<&str>| {
            destinations(formats, output.map(Path::new)).map(|all| {
                all.into_iter()
                    .map(|one| one.file.map(|file| file.display().to_string()))
                    .collect::<Vec<_>>()
            })
        };
        assert_eq!(shown(&[], None), Ok(vec![None]));
        assert_eq!(shown(&[], Some("a")), Ok(vec![Some("a".into())]));
        let both = [table.clone(), sarif.clone()];
        assert_eq!(shown(&both, None), Ok(vec![Some("out.sarif".into()), None]));
        assert_eq!(
            shown(&[table.clone(), to(Format::Json, None)], None),
            Err(UsageError::SamePlace)
        );
        assert_eq!(shown(&both, Some("out.sarif")), Err(UsageError::SamePlace));
        assert_eq!(
            shown(&[sarif], Some("a")),
            Err(UsageError::OutputForNothing)
        );
    }

    #[test]
    fn a_summary_is_added_to_what_is_there_and_within_the_limit() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("summary.md");
        let write = |limit: usize| {
            append_within(&path, limit, |room| (room >= 3).then(|| "abc".to_owned())).unwrap()
        };
        assert!(write(100));
        assert!(write(100));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "abc\n\nabc");
        assert!(!write(10));
        assert_eq!(std::fs::read_to_string(&path).unwrap().len(), 8);
    }

    #[test]
    fn a_missing_directory_is_named_and_not_created() {
        let directory = tempfile::tempdir().unwrap();
        let missing = directory.path().join("reports");
        let error = write_whole(&missing.join("report.md"), "new").unwrap_err();
        assert!(
            format!("{error:#}").contains("no directory") && !missing.exists(),
            "{error:#}"
        );
    }

    #[test]
    fn a_directory_is_not_written_over() {
        let directory = tempfile::tempdir().unwrap();
        let error = write_whole(directory.path(), "new").unwrap_err();
        assert!(format!("{error:#}").contains("is a directory"), "{error:#}");
    }
}
