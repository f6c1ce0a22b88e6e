//! Functions on IP prefixes, and on numbers.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use super::super::evaluate::{Fault, Outcome};
use super::super::module::Evaluator;
use super::super::term::Term;
use super::{list, number, text};

/// How many numbers `range` may make, as in Terraform.
const MAX_RANGE: usize = 1024;

/// Call a function of this kind; `None` if it is none.
pub(super) fn call(evaluator: &Evaluator<'_>, name: &str, arguments: &[Term]) -> Option<Outcome> {
    Some(
        match name {
            "cidrsubnet" => cidr_subnet(arguments),
            "cidrsubnets" => cidr_subnets(evaluator, arguments),
            "cidrhost" => cidr_host(arguments),
            "cidrnetmask" => {
                prefix(arguments).map(|prefix| Term::text(prefix.netmask().to_string()))
            }
            "range" => range(evaluator, arguments),
            "min" | "max" => extreme(name, arguments),
            "abs" => number(arguments, 0).map(|own| Term::Number(own.abs())),
            "ceil" => number(arguments, 0).map(|own| Term::Number(own.ceil())),
            "floor" => number(arguments, 0).map(|own| Term::Number(own.floor())),
            "signum" => number(arguments, 0)
                .map(|own| Term::Number(if own == 0.0 { 0.0 } else { own.signum() })),
            "pow" => both(arguments).map(|(base, power)| Term::Number(base.powf(power))),
            "log" => both(arguments).map(|(own, base)| Term::Number(own.ln() / base.ln())),
            "parseint" => parse_int(arguments),
            _ => return None,
        }
        .and_then(|term| match term {
            Term::Number(number) if !number.is_finite() => {
                Err(Fault::wrong("a number is out of range"))
            }
            term => Ok(term),
        }),
    )
}

fn both(arguments: &[Term]) -> Result<(f64, f64), Fault> {
    Ok((number(arguments, 0)?, number(arguments, 1)?))
}

fn prefix(arguments: &[Term]) -> Result<IpNet, Fault> {
    let text = text(arguments, 0)?;
    let prefix: IpNet = text
        .parse()
        .map_err(|_| Fault::wrong(format!("{text:?} is no prefix")))?;
    Ok(prefix.trunc())
}

fn bits_of(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    }
}

/// An address of the same family as a prefix.
fn address_in(prefix: &IpNet, bits: u128) -> Option<IpAddr> {
    match prefix {
        IpNet::V4(_) => u32::try_from(bits)
            .ok()
            .map(|bits| IpAddr::V4(Ipv4Addr::from(bits))),
        IpNet::V6(_) => Some(IpAddr::V6(Ipv6Addr::from(bits))),
    }
}

/// How many addresses a prefix of this length holds, less one.
fn host_mask(prefix: &IpNet, length: u8) -> u128 {
    let host_bits = u32::from(prefix.max_prefix_len().saturating_sub(length));
    match host_bits {
        0 => 0,
        bits => u128::MAX >> (128 - bits),
    }
}

fn longer(prefix: &IpNet, new_bits: f64) -> Result<u8, Fault> {
    let length = f64::from(prefix.prefix_len()) + new_bits;
    if new_bits < 0.0 || length > f64::from(prefix.max_prefix_len()) {
        return Err(Fault::wrong(format!(
            "{prefix} has no room for {new_bits} more bits"
        )));
    }
    Ok(length as u8)
}

fn net(prefix: &IpNet, bits: u128, length: u8) -> Outcome {
    address_in(prefix, bits)
        .and_then(|address| IpNet::new(address, length).ok())
        .map(|net| Term::text(net.to_string()))
        .ok_or_else(|| Fault::wrong(format!("{prefix} is too small")))
}

fn cidr_subnet(arguments: &[Term]) -> Outcome {
    let prefix = prefix(arguments)?;
    let new_bits = number(arguments, 1)?;
    let length = longer(&prefix, new_bits)?;
    let index = number(arguments, 2)?;
    if index < 0.0 || index >= 2f64.powf(new_bits) {
        return Err(Fault::wrong(format!(
            "{prefix} has no subnet {index} of {new_bits} more bits"
        )));
    }
    let step = host_mask(&prefix, length).saturating_add(1);
    let offset = (index as u128)
        .checked_mul(step)
        .ok_or_else(|| Fault::wrong(format!("{prefix} is too small")))?;
    net(&prefix, bits_of(prefix.network()) | offset, length)
}

fn cidr_subnets(evaluator: &Evaluator<'_>, arguments: &[Term]) -> Outcome {
    let prefix = prefix(arguments)?;
    let lengths = arguments.get(1..).unwrap_or_default();
    evaluator.pay_elements(lengths.len())?;
    let last = bits_of(prefix.broadcast());
    let mut next = Some(bits_of(prefix.network()));
    let mut subnets = Vec::new();
    for index in 0..lengths.len() {
        let length = longer(&prefix, number(arguments, index + 1)?)?;
        let mask = host_mask(&prefix, length);
        let too_small = || Fault::wrong(format!("{prefix} has no room for all subnets"));
        let mut start = next.ok_or_else(too_small)?;
        if start & mask != 0 {
            start = (start | mask).checked_add(1).ok_or_else(too_small)?;
        }
        let end = start | mask;
        if end > last {
            return Err(too_small());
        }
        subnets.push(net(&prefix, start, length)?);
        next = end.checked_add(1);
    }
    Ok(Term::list(subnets))
}

fn cidr_host(arguments: &[Term]) -> Outcome {
    let prefix = prefix(arguments)?;
    let index = number(arguments, 1)?;
    let bits = if index < 0.0 {
        bits_of(prefix.broadcast()).checked_sub((-index - 1.0) as u128)
    } else {
        bits_of(prefix.network()).checked_add(index as u128)
    };
    bits.and_then(|bits| address_in(&prefix, bits))
        .filter(|address| prefix.contains(address))
        .map(|address| Term::text(address.to_string()))
        .ok_or_else(|| Fault::wrong(format!("{prefix} has no address {index}")))
}

fn range(evaluator: &Evaluator<'_>, arguments: &[Term]) -> Outcome {
    let (start, limit) = match arguments.len() {
        1 => (0.0, number(arguments, 0)?),
        _ => both(arguments)?,
    };
    let step = match arguments.get(2) {
        Some(_) => number(arguments, 2)?,
        None if limit < start => -1.0,
        None => 1.0,
    };
    if step == 0.0 {
        return Err(Fault::wrong("range has no step"));
    }
    let mut numbers = Vec::new();
    let mut next = start;
    while (step > 0.0 && next < limit) || (step < 0.0 && next > limit) {
        if numbers.len() >= MAX_RANGE {
            return Err(Fault::wrong("range makes more than 1024 numbers"));
        }
        numbers.push(Term::Number(next));
        next += step;
    }
    evaluator.pay_elements(numbers.len())?;
    Ok(Term::list(numbers))
}

fn extreme(name: &str, arguments: &[Term]) -> Outcome {
    let numbers: Result<Vec<f64>, Fault> = (0..arguments.len())
        .map(|index| number(arguments, index))
        .collect();
    let pick = if name == "min" { f64::min } else { f64::max };
    numbers?
        .into_iter()
        .reduce(pick)
        .map(Term::Number)
        .ok_or_else(|| Fault::wrong(format!("{name} has no arguments")))
}

fn parse_int(arguments: &[Term]) -> Outcome {
    let base = number(arguments, 1)?;
    if !(2.0..=36.0).contains(&base) {
        return Err(Fault::wrong("parseint knows no such base"));
    }
    i64::from_str_radix(&text(arguments, 0)?, base as u32)
        .map(|number| Term::Number(number as f64))
        .map_err(|_| Fault::wrong("parseint finds no number"))
}

/// The elements of a list, each as text.
pub(super) fn texts(arguments: &[Term], index: usize) -> Result<Vec<String>, Fault> {
    let texts = list(arguments, index)?.iter().map(Term::to_text);
    texts
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| Fault::wrong("a list holds what is no text"))
}
