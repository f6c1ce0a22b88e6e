//! One spelling for identifiers that providers write in several ways.

/// The canonical form of an identifier, without its provider.
///
/// `vpc-1@eu-west-1` (an import id of AWS provider 6) and `arn:aws:ec2:eu-west-1:1:vpc/vpc-1` are `vpc-1`. Accounts keep
/// their kind, `account/222222222222`, and other IAM principals their whole ARN: their last part names nothing by itself.
pub(super) fn canonical(id: &str) -> String {
    let id = id.trim();
    if id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit()) {
        return format!("account/{id}");
    }
    if let Some(arn) = Arn::parse(id) {
        return match (arn.service, arn.resource) {
            ("iam" | "sts", "root") => format!("account/{}", arn.account),
            ("iam" | "sts", _) => id.to_owned(),
            (_, resource) => {
                let tail = resource.rsplit('/').next().unwrap_or(resource);
                tail.rsplit(':').next().unwrap_or(tail).to_owned()
            }
        };
    }
    match id.split_once('@') {
        Some((id, region)) if region.contains('-') && !id.is_empty() => id.to_owned(),
        _ => id.to_owned(),
    }
}

/// The parts of an Amazon resource name that matter here.
pub(super) struct Arn<'t> {
    pub(super) service: &'t str,
    pub(super) region: &'t str,
    pub(super) account: &'t str,
    pub(super) resource: &'t str,
}

impl<'t> Arn<'t> {
    pub(super) fn parse(text: &'t str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let scheme = parts.next()?;
        let _partition = parts.next()?;
        let arn = Self {
            service: parts.next()?,
            region: parts.next()?,
            account: parts.next()?,
            resource: parts.next()?,
        };
        (scheme == "arn").then_some(arn)
    }
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn one_thing_has_one_spelling() {
        assert_eq!(canonical("vpc-1@eu-west-1"), "vpc-1");
        assert_eq!(
            canonical("arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1"),
            "vpc-1"
        );
        assert_eq!(
            canonical("arn:aws:iam::333333333333:root"),
            canonical("333333333333")
        );
    }

    #[test]
    fn principals_are_not_told_by_their_last_part_alone() {
        let role = "arn:aws:iam::333333333333:role/reader";
        assert_eq!(canonical(role), role);
    }
}
