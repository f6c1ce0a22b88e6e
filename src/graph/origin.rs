//! The resources that declarations come from, and what is about to happen to them.

use crate::location::Location;

/// What is about to happen to the resource behind a declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Nothing: it is, and stays.
    Keep,
    /// It comes into being.
    Create,
    /// It is edited in place.
    Update,
    /// It is destroyed and made anew.
    Replace,
    /// It is destroyed.
    Delete,
    /// It is read, not managed.
    Read,
    /// It is no longer managed, and stays in the cloud.
    Forget,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Keep,
        Self::Create,
        Self::Update,
        Self::Replace,
        Self::Delete,
        Self::Read,
        Self::Forget,
    ];

    /// The word of the JSON contract.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Keep => "no-op",
            Self::Create => "create",
            Self::Update => "update",
            Self::Replace => "replace",
            Self::Delete => "delete",
            Self::Read => "read",
            Self::Forget => "forget",
        }
    }

    /// Whether it can be the cause of a change.
    #[must_use]
    pub fn changes(self) -> bool {
        matches!(
            self,
            Self::Create | Self::Update | Self::Replace | Self::Delete
        )
    }
}

/// Index of an [`Origin`] in [`Origins`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OriginId(u32);

/// The resource that a declaration comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Its address after the change, as Terraform writes it.
    pub address: String,
    /// What the plan does with it.
    pub action: Action,
    /// The attributes the plan changes, among those that have a meaning; for a created or deleted resource its ends.
    pub attributes: Vec<String>,
    /// The block that declares it, when its source is at hand.
    pub location: Option<Location>,
    /// Of a Kubernetes object in an argument: the address of the resource that carries it.
    pub carrier: Option<String>,
    /// The plan, state or root module that it was read from, if there are several: what stands before its identity in the graph.
    pub stack: String,
    /// Whether it is created by taking in what an `import` block names, which may have been there before.
    pub is_imported: bool,
    /// What else it is made of: the calls of the modules that it stands in, and what the change set changes of what they are
    /// given. Told of the causes of changes.
    pub steps: Vec<Step>,
}

/// A line that a resource is made of, beside its own block.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    /// What stands there: `module.tools`, `var.create_igw`, `provider aws`.
    pub what: String,
    /// Where.
    pub location: Location,
    /// Whether the change set changes it.
    pub differs: bool,
}

impl Origin {
    /// What is about to happen to it, in a word.
    #[must_use]
    pub fn action_word(&self) -> &'static str {
        if self.is_imported {
            "import"
        } else {
            self.action.word()
        }
    }
}

impl Step {
    /// What it is to the resource that is made of it, in words for people.
    #[must_use]
    pub fn words(&self) -> String {
        let way = if self.what.starts_with("module.") {
            "through"
        } else {
            "with"
        };
        let differs = if self.differs { ", which differs" } else { "" };
        format!("{way} {}{differs}", self.what)
    }
}

/// Every resource that any declaration of either snapshot comes from.
#[derive(Debug, Clone, Default)]
pub struct Origins(Vec<Origin>);

impl Origins {
    /// Remember one more.
    pub fn add(&mut self, origin: Origin) -> OriginId {
        let index = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        self.0.push(origin);
        OriginId(index)
    }

    /// Say that something else is about to happen to one.
    pub fn set_action(&mut self, id: OriginId, action: Action) {
        self.0[id.0 as usize].action = action;
    }

    /// Say what one is made of, beside its own block.
    pub fn set_steps(&mut self, id: OriginId, steps: Vec<Step>) {
        self.0[id.0 as usize].steps = steps;
    }

    /// Look one up.
    #[must_use]
    pub fn get(&self, id: OriginId) -> &Origin {
        &self.0[id.0 as usize]
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (OriginId, &Origin)> {
        self.0
            .iter()
            .enumerate()
            .map(|(index, origin)| (OriginId(u32::try_from(index).unwrap_or(u32::MAX)), origin))
    }

    /// Fill in where blocks stand, once the source is at hand. `find` is asked for the address of a resource.
    pub fn locate(&mut self, mut find: impl FnMut(&str) -> Option<Location>) {
        for origin in &mut self.0 {
            if origin.location.is_none() {
                origin.location = find(origin.carrier.as_ref().unwrap_or(&origin.address));
            }
        }
    }
}
