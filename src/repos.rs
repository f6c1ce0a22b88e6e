//! Git repositories: files at a revision, and what moved between two.
