//! Where the root modules of plans lie, and the lines of what they make.

use std::path::{Path, PathBuf};

use globset::GlobSet;

use crate::graph::fragment::Notice;
use crate::location::Location;
use crate::sources::terraform::blocks::Root;

use super::network::{InputFile, Network};
use super::survey::Survey;

/// Where each plan's root module lies: (survey, directory).
pub(super) type Roots = Vec<Option<(usize, String)>>;

/// Where the root module of a plan lies: where most of its addresses are defined. Copies of a stack define equally many; of those
/// it is the one that the settings name, or that the plan lies in, or that the command was given in.
pub(super) fn root_of_plan(
    surveys: &[Survey],
    named: &GlobSet,
    plan: &InputFile,
    addresses: &[&str],
) -> Result<Option<(usize, String)>, Notice> {
    for (index, survey) in surveys.iter().enumerate() {
        match survey.at_head.blocks.root_candidates(addresses) {
            Root::Found(directory) => return Ok(Some((index, directory))),
            Root::NotFound => {}
            Root::Ambiguous(directories) => {
                let is_near = near(survey, plan);
                let ways: [&dyn Fn(&str) -> bool; 2] =
                    [&|directory| named.is_match(directory), &|directory| {
                        is_near.iter().any(|near| near == directory)
                    }];
                for is_it in ways {
                    let mut left = directories.iter().filter(|one| is_it(one));
                    if let (Some(only), None) = (left.next(), left.next()) {
                        return Ok(Some((index, only.clone())));
                    }
                }
                return Err(Notice {
                    kind: "ambiguous-source",
                    subject: survey.name.clone(),
                    message: format!(
                        "the plan may be of any of {}; its resources are shown without file and line: keep the plan in its root \
                         module, or name that in `sources.roots`",
                        directories.join(", ")
                    ),
                });
            }
        }
    }
    Ok(None)
}

/// The directories of a repository that a plan lies in and that the command was given in.
fn near(survey: &Survey, plan: &InputFile) -> Vec<String> {
    let top = survey
        .repository
        .top()
        .and_then(|top| top.canonicalize().ok());
    let folder = plan.path().parent().map(Path::to_path_buf);
    let places = [folder, Some(PathBuf::from("."))].into_iter().flatten();
    let inside = places.filter_map(|place| {
        let place = if place.as_os_str().is_empty() {
            PathBuf::from(".")
        } else {
            place
        };
        let place = place.canonicalize().ok()?;
        let inside = place.strip_prefix(top.as_ref()?).ok()?;
        Some(inside.to_str()?.replace('\\', "/"))
    });
    inside.collect()
}

/// Give every cause its line.
pub(super) fn locate_origins(network: &mut Network, surveys: &[Survey], roots: &Roots) {
    let several = network.several_repositories;
    for (survey_index, directory) in roots.iter().flatten() {
        let survey = &surveys[*survey_index];
        network.origins.locate(|address| {
            let sides = [&survey.at_head, &survey.at_base];
            let found = sides
                .iter()
                .find_map(|side| side.blocks.locate(directory, address))?;
            Some(if several {
                Location {
                    path: format!("{}/{}", survey.name, found.path),
                    ..found
                }
            } else {
                found
            })
        });
    }
}
