//! A carve-out: a marker in a repository, bound to the graph.

use crate::graph::BoundaryId;
use crate::location::Location;

/// One place in the organisation's code that allows plaintext because the network was thought closed.
#[derive(Debug, Clone)]
pub struct CarveOut {
    /// Identity of its text, stable when lines or files move; `-2`, `-3` tell equal texts apart.
    pub id: String,
    /// Its repository's name.
    pub repository: String,
    /// The marker's lines.
    pub location: Location,
    /// The claim about the network.
    pub guarantee: String,
    /// The threat-model part.
    pub justification: String,
    /// What its guarantee rests on.
    pub footprint: Footprint,
    /// Who owns its file, by CODEOWNERS.
    pub owners: Vec<String>,
    /// The commit that last changed its lines.
    pub last_justified: Option<LastJustified>,
    /// The source around it: its comment and the code it is about, with line numbers.
    pub excerpt: Vec<(usize, String)>,
    /// A page of its code host that shows these lines as they were read.
    pub permalink: Option<String>,
}

/// The commit that last changed a carve-out's lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastJustified {
    /// Full hex id.
    pub commit: String,
    /// Author date, UTC, as an ISO date.
    pub date: String,
    /// The author's name.
    pub author: String,
}

/// The nodes and links a guarantee rests on, and what sort of guarantee it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Footprint {
    /// What voids it.
    pub scope: Scope,
    /// What it rests on; sorted, each once.
    pub parts: Vec<FootprintPart>,
    /// Things inside networks that its words name, or at whose block it stands: it speaks of where they are. Sorted, each once.
    pub things: Vec<FootprintPart>,
}

impl Footprint {
    /// One that speaks of no thing.
    #[must_use]
    pub fn new(scope: Scope, parts: Vec<FootprintPart>) -> Self {
        Self {
            scope,
            parts,
            things: Vec::new(),
        }
    }
}

impl Footprint {
    /// Rest on what another one rests on, too. Both rest on parts of the graph.
    pub fn add(&mut self, other: Self) {
        if other.scope != self.scope {
            self.scope = Scope::Inside;
        }
        let more = other.parts.into_iter();
        let is_known = |part: &FootprintPart| {
            let mut own = self.parts.iter();
            own.any(|one| one.boundary == part.boundary)
        };
        let more: Vec<FootprintPart> = more.filter(|part| !is_known(part)).collect();
        self.parts.extend(more);
        self.parts.sort();
    }
}

/// What sort of guarantee it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Traffic stays inside boundaries: any change to their perimeter voids it.
    Inside,
    /// Traffic crosses only certain links: changes to those void it.
    OverLinks,
    /// Traffic stays on one host, in one pod, on the loopback: no network change voids it.
    Local,
    /// Nothing that can be resolved.
    Unanchored,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Inside, Self::OverLinks, Self::Local, Self::Unanchored];

    /// The word of the JSON contract.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Inside => "inside",
            Self::OverLinks => "over_links",
            Self::Local => "local",
            Self::Unanchored => "unanchored",
        }
    }
}

/// One node or link that a guarantee rests on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FootprintPart {
    /// The node or link.
    pub boundary: BoundaryId,
    /// Its name for a person.
    pub name: String,
    /// How we know.
    pub via: Via,
    /// The block that declares it, when its source is at hand.
    pub location: Option<Location>,
}

/// How a guarantee was bound to a part of the graph. Words of the JSON contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Via {
    /// Named in the text.
    Named,
    /// An alias of the settings.
    Alias,
    /// The block that the comment stands in.
    Block,
    /// A path binding of the settings.
    Binding,
}

impl Via {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Named, Self::Alias, Self::Block, Self::Binding];

    /// The word of the JSON contract.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Named => "named",
            Self::Alias => "alias",
            Self::Block => "block",
            Self::Binding => "binding",
        }
    }

    /// The words for a person.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Named => "named here",
            Self::Alias => "an alias of the settings",
            Self::Block => "the block it stands in",
            Self::Binding => "bound to this path by the settings",
        }
    }
}
