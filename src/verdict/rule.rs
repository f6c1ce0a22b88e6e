//! Every rule with its name and description, as data.

/// A rule of the JSON contract. What each means is said once, by [`Rule::summary`] and [`Rule::description`].
#[allow(missing_docs)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    MalformedMarker,
    MissingGuarantee,
    MissingJustification,
    NearMissMarker,
    UnmarkedPlaintext,
    ExternalCarveOut,
    AuthenticationCarveOut,
    UnanchoredGuarantee,
    UnreadSource,
    UnreadRepository,
    UnplacedChange,
    UnplacedCluster,
    GatewayUnverifiedToken,
    LongLivedCertificate,
    GuaranteeBroken,
    MustRejustify,
    HighTrustCarveOut,
    CrossSitePlaintext,
    GatewayBypass,
    IpBasedAuthorization,
    StaleCarveOut,
}

impl Rule {
    /// Whether a finding of it says that a carve-out may be affected, and that nobody can tell.
    #[must_use]
    pub fn is_doubt(self) -> bool {
        matches!(
            self,
            Self::UnplacedChange | Self::UnplacedCluster | Self::UnreadSource
        )
    }

    /// Every rule that this version checks.
    pub const ALL: [Self; 21] = [
        Self::MalformedMarker,
        Self::MissingGuarantee,
        Self::MissingJustification,
        Self::NearMissMarker,
        Self::UnmarkedPlaintext,
        Self::ExternalCarveOut,
        Self::AuthenticationCarveOut,
        Self::UnanchoredGuarantee,
        Self::UnreadSource,
        Self::UnreadRepository,
        Self::UnplacedChange,
        Self::UnplacedCluster,
        Self::GatewayUnverifiedToken,
        Self::LongLivedCertificate,
        Self::GuaranteeBroken,
        Self::MustRejustify,
        Self::HighTrustCarveOut,
        Self::CrossSitePlaintext,
        Self::GatewayBypass,
        Self::IpBasedAuthorization,
        Self::StaleCarveOut,
    ];

    /// Its name.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::MalformedMarker => "malformed-marker",
            Self::MissingGuarantee => "missing-guarantee",
            Self::MissingJustification => "missing-justification",
            Self::NearMissMarker => "near-miss-marker",
            Self::UnmarkedPlaintext => "unmarked-plaintext",
            Self::ExternalCarveOut => "external-carve-out",
            Self::AuthenticationCarveOut => "authentication-carve-out",
            Self::UnanchoredGuarantee => "unanchored-guarantee",
            Self::UnreadSource => "unread-source",
            Self::UnreadRepository => "unread-repository",
            Self::UnplacedChange => "unplaced-change",
            Self::UnplacedCluster => "unplaced-cluster",
            Self::GatewayUnverifiedToken => "gateway-unverified-token",
            Self::LongLivedCertificate => "long-lived-certificate",
            Self::GuaranteeBroken => "guarantee-broken",
            Self::MustRejustify => "must-rejustify",
            Self::HighTrustCarveOut => "high-trust-carve-out",
            Self::CrossSitePlaintext => "cross-site-plaintext",
            Self::GatewayBypass => "gateway-bypass",
            Self::IpBasedAuthorization => "ip-based-authorization",
            Self::StaleCarveOut => "stale-carve-out",
        }
    }

    /// One line: what is wrong.
    #[must_use]
    pub fn summary(self) -> &'static str {
        match self {
            Self::MalformedMarker => "a carve-out marker with nothing behind it",
            Self::MissingGuarantee => "a carve-out that names no network-perimeter guarantee",
            Self::MissingJustification => "a carve-out without a threat-model justification",
            Self::NearMissMarker => {
                "a comment that looks like a carve-out marker but is not spelled like one"
            }
            Self::UnmarkedPlaintext => "plaintext without a carve-out marker",
            Self::ExternalCarveOut => "a carve-out for traffic to a party outside the organisation",
            Self::AuthenticationCarveOut => {
                "a setting that leaves nothing to show that callers prove who they are"
            }
            Self::UnanchoredGuarantee => "a guarantee that names no part of the network",
            Self::UnreadSource => {
                "a guarantee that may rest on configuration which was not read, or a change that nobody read"
            }
            Self::UnreadRepository => "a repository whose carve-outs could not be looked at",
            Self::UnplacedChange => "a change in a network that no input tells",
            Self::UnplacedCluster => {
                "carve-outs in a cluster of which no input tells in which network it runs"
            }
            Self::GatewayUnverifiedToken => {
                "a gateway that takes tokens which nothing verifies, or verifies as the token asks"
            }
            Self::LongLivedCertificate => "an identity whose certificate lives too long",
            Self::GuaranteeBroken => "a guarantee that is false after the change",
            Self::MustRejustify => {
                "a carve-out whose perimeter changed and that nobody re-justified"
            }
            Self::HighTrustCarveOut => "a carve-out where the organisation accepts none",
            Self::CrossSitePlaintext => {
                "plaintext, or a link without documented encryption, between two sites"
            }
            Self::GatewayBypass => "a path between two domains that passes no gateway of theirs",
            Self::IpBasedAuthorization => {
                "callers let in by their address, without any proof of who they are"
            }
            Self::StaleCarveOut => "a carve-out that nobody has justified for too long",
        }
    }

    /// A few paragraphs: why it matters, and what to do.
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            Self::MalformedMarker => {
                "A carve-out is a claim about the network with a reason. A bare marker claims nothing, so nobody can tell\n\
                 whether it still holds. Write both halves, wrapped over comment lines as you like:\n\n\
                 \x20   # ZFN-3 carve-out: <network-perimeter guarantee>; <threat-model justification>"
            }
            Self::MissingGuarantee => {
                "The half before the first semicolon says what keeps the traffic away from an adversary: the network it never\n\
                 leaves, or the encrypted links it crosses. Without it the carve-out rests on nothing."
            }
            Self::MissingJustification => {
                "The half behind the first semicolon says why exposure to a network adversary is acceptable, and how the receiver\n\
                 still authenticates the caller. A semicolon inside quotes does not split."
            }
            Self::NearMissMarker => {
                "Anything that looks like a carve-out without the exact marker is a bug, not a carve-out: a search for the marker\n\
                 misses it, and so does the next network change. Use the exact spelling, `ZFN-3 carve-out:`, or the one that\n\
                 `marker` in perimeter.yaml gives. Near misses that were there before the change set are counted, and do not block."
            }
            Self::UnmarkedPlaintext => {
                "A marker was deleted, and the plaintext setting it stood at is still there; or a Terraform resource was made to take\n\
                 or send traffic in the clear, and no carve-out stands in its block. Turn encryption on, or say in a carve-out why\n\
                 plaintext is acceptable there. Deleting the words does not encrypt anything."
            }
            Self::ExternalCarveOut => {
                "External traffic is always TLS. No exception, ever. The carve-out crosses a link to a party that `external` in\n\
                 perimeter.yaml names, or to a gateway that lies in none of its `sites`."
            }
            Self::AuthenticationCarveOut => {
                "A carve-out may skip encryption, never authentication. In a mesh, mTLS is both: a setting that lets plaintext in\n\
                 also lets callers in that prove nothing to the mesh. Ask for a token or an identity in an authorization policy\n\
                 that holds for the same workloads, or keep mTLS. The same goes for settings by which a gateway or policy asks\n\
                 callers for nothing, although their traffic is encrypted. No marker makes this acceptable."
            }
            Self::UnanchoredGuarantee => {
                "Nothing in the guarantee, in the Terraform block around it, or in the settings names a part of the network. Nobody\n\
                 can show that a change leaves it alone, so it falls at every one. Name a network by its Name tag, identifier or\n\
                 Terraform address; give people's own names as `aliases`, or bind paths with `bindings` in perimeter.yaml."
            }
            Self::UnreadSource => {
                "The perimeter was read from Terraform files, and some of them are not there: a module of a registry or of another\n\
                 repository, a file that cannot be read. What the guarantee rests on is made there, or names nothing and may be made\n\
                 there; a change of it is not seen. Run `terraform init` before the check, so that modules are at hand, or check a\n\
                 plan, which knows them all. Where the change set changes what was not read, it is an error: the call of such a module, a file\n\
                 of values that no root module is evaluated with, a file of Terragrunt or Stacks."
            }
            Self::UnreadRepository => {
                "Carve-outs in many repositories may rest on one network, and one of those that were named could not be read: its clone\n\
                 is damaged or gone, its inventory is missing, was never taken, or comes in two versions of which none is the newer. Which\n\
                 of its carve-outs fall, nobody knows. An error where some change of the perimeter may void a carve-out, else a\n\
                 warning. Make the repository readable or its inventory anew, and check again."
            }
            Self::UnplacedChange => {
                "The change set joins or opens something, such as a VPC given by a variable or a load balancer in a subnet that another\n\
                 stack makes, and nothing that was read tells which network that is. Each carve-out that rests on staying inside a\n\
                 network which it may be may fall. Give the state of the stack that makes the network with `--context`, or a plan\n\
                 instead of source. A network that a plan makes itself is ruled out where an identifier tells what is changed, and so are,\n\
                 for links and routes, the networks of the stack that makes the change; others are not."
            }
            Self::UnplacedCluster => {
                "The change set opens a network, and carve-outs rest on staying inside a cluster, a namespace or a gateway of which\n\
                 nothing that was read tells in which network it runs: it may be the one that changes. Say so in perimeter.yaml, with\n\
                 `runs_in` below `clusters`: then the carve-outs of the cluster fall with that network, and with no other."
            }
            Self::GatewayUnverifiedToken => {
                "A gateway that skips the check of a signature, fetches the keys for it in the clear, or lets the token say by which\n\
                 algorithm it is to be checked, asks nobody who they are: whoever is on the path, or makes a token up, gets in. Name the\n\
                 algorithm, ask for a token, and fetch keys over verified TLS. No marker makes this acceptable."
            }
            Self::LongLivedCertificate => {
                "Identities are shown by certificates that live for hours, so that a stolen one is soon worth nothing, and nobody has to\n\
                 revoke any. The change set makes one live longer than `policy.max_certificate_lifetime` in perimeter.yaml allows (24\n\
                 hours where nothing is said). Certificates of authorities are not meant. Shorten the lifetime and let it be renewed."
            }
            Self::GuaranteeBroken => {
                "After the change a claim that the guarantee itself makes is false: the network or link it names is gone, it is\n\
                 peered though it says it is not, the encryption it cites is lost. Other words do not mend that. Change the\n\
                 network so that the claim holds, or turn encryption on and remove the marker."
            }
            Self::MustRejustify => {
                "The perimeter that the guarantee rests on changes. Whoever changes the network re-justifies each dependent\n\
                 carve-out before the change ships: look whether the guarantee holds in the network after the change. If its words\n\
                 have to change, rewrite the guarantee or the justification in the same change set (white space and punctuation do\n\
                 not count). If they still hold as they stand, record that with `perimeter justify` or `perimeter review`: a receipt\n\
                 holds for exactly this perimeter, and is void when the plan changes again. If the guarantee does not hold, turn\n\
                 encryption on and remove the marker."
            }
            Self::HighTrustCarveOut => {
                "Control planes, automation of infrastructure, what coordinates datacenters and what hands out secrets are worth more\n\
                 to an adversary than what they protect. `high_trust` in perimeter.yaml names their code, and no carve-out is\n\
                 accepted there, whatever its words. Turn encryption on and remove the marker."
            }
            Self::CrossSitePlaintext => {
                "Every site is a trust boundary, and a link between two is less trusted than one inside. Found where `sites` are\n\
                 declared: a carve-out whose traffic crosses a link between two of them, or out of one, that nobody documents to be\n\
                 encrypted; and such a link itself, direct or through hubs, when the change set makes it. Put a tunnel or MACsec\n\
                 on the link, or turn encryption on and remove the marker."
            }
            Self::GatewayBypass => {
                "The services of a domain are called through its gateways, where callers are authenticated and the traffic is seen.\n\
                 A peering, a hub, a private endpoint or a mesh that joins two `domains` and passes none of their `gateways` makes\n\
                 another way in; so does a network or cluster that both come to share. Lead the traffic through a gateway. What was\n\
                 joined before the change set is counted, and does not block."
            }
            Self::IpBasedAuthorization => {
                "An address is no identity: it is shared, reused and forged, and it changes with every node. Found where a rule lets\n\
                 callers in and asks for nothing but their address: Istio's `ipBlocks` and `remoteIpBlocks`, Linkerd's\n\
                 NetworkAuthentication and `networks`. An allow list in the annotations of an Ingress is a warning, because what is\n\
                 behind it may ask for more. Ask for a principal or a token; the addresses may stay beside it. Packet filters\n\
                 (NetworkPolicy, source ranges of a load balancer) authorize nobody and are not found."
            }
            Self::StaleCarveOut => {
                "Found by `perimeter audit`, where `policy.max_age` in perimeter.yaml or `--max-age` sets a limit. The age counts from\n\
                 the commit that wrote the words as they are, wherever they stood then: moving or rewrapping them makes them no\n\
                 younger. Look whether the guarantee and the justification still hold. Where they do, say so in words of today, or\n\
                 record a receipt from the audit's JSON with `perimeter justify --from`: while its perimeter is that of today, the\n\
                 age counts from its date. Where they do not, turn encryption on and remove the marker."
            }
        }
    }
}
