//! Where an instance is declared: its module, type, name and key, stated or as its address says.

use std::borrow::Cow;

use super::super::plan::Text;
use super::InstanceKey;

/// The parts of an address, from the members beside it or, where a tool left those out, from its text.
pub(super) struct Place<'a> {
    pub(super) module: Cow<'a, str>,
    pub(super) resource_type: Cow<'a, str>,
    pub(super) name: Cow<'a, str>,
    pub(super) key: Option<InstanceKey>,
    pub(super) is_data: bool,
}

impl<'a> Place<'a> {
    pub(super) fn of(
        address: &Cow<'a, str>,
        module: Option<&Text<'a>>,
        mode: Option<&str>,
        resource_type: Option<&Text<'a>>,
        name: Option<&Text<'a>>,
        key: Option<&InstanceKey>,
    ) -> Self {
        let given = |text: Option<&Text<'a>>| text.map(|text| text.0.clone());
        if let (Some(resource_type), Some(name)) = (given(resource_type), given(name))
            && let Some(module) = given(module)
                .or_else(|| (!address.starts_with("module.")).then_some(Cow::Borrowed("")))
        {
            let (key, is_data) = (key.cloned(), is_data(mode, address));
            return Self {
                module,
                resource_type,
                name,
                key,
                is_data,
            };
        }
        let steps = split_steps(address);
        let (modules, own) = steps.split_at(module_end(address, &steps));
        let own = match own {
            &[(from, to), ref rest @ ..] if &address[from..to] == "data" => rest,
            own => own,
        };
        let step = |at: usize| own.get(at).map(|&(from, to)| part(address, from, to));
        let (stated_name, stated_key) = match own.get(1) {
            Some(&(from, to)) => {
                let (name, stated_key) = split_key(&address[from..to]);
                (part(address, from, from + name.len()), stated_key)
            }
            None => (Cow::Borrowed(""), None),
        };
        let module_length = modules.last().map_or(0, |&(_, to)| to);
        Self {
            module: given(module).unwrap_or_else(|| part(address, 0, module_length)),
            resource_type: given(resource_type).or_else(|| step(0)).unwrap_or_default(),
            name: given(name).unwrap_or(stated_name),
            key: key.cloned().or(stated_key),
            is_data: is_data(mode, address),
        }
    }
}

fn part<'a>(text: &Cow<'a, str>, from: usize, to: usize) -> Cow<'a, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[from..to]),
        Cow::Owned(text) => Cow::Owned(text[from..to].to_owned()),
    }
}

/// Where the steps of an address between its dots begin and end, instance keys included.
fn split_steps(address: &str) -> Vec<(usize, usize)> {
    let mut steps = Vec::new();
    let (mut from, mut in_quotes, mut is_escaped) = (0, false, false);
    for (at, byte) in address.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_quotes => is_escaped = true,
            b'"' => in_quotes = !in_quotes,
            b'.' if !in_quotes => {
                steps.push((from, at));
                from = at + 1;
            }
            _ => {}
        }
    }
    steps.push((from, address.len()));
    steps
}

/// How many of the steps lead through modules. No resource type is called `module`, so each such step begins a pair.
fn module_end(address: &str, steps: &[(usize, usize)]) -> usize {
    let pairs = steps
        .chunks_exact(2)
        .take_while(|pair| &address[pair[0].0..pair[0].1] == "module");
    pairs.count() * 2
}

pub(super) fn split_key(step: &str) -> (&str, Option<InstanceKey>) {
    let Some((name, key)) = step.split_once('[') else {
        return (step, None);
    };
    let key = key
        .strip_suffix(']')
        .and_then(|key| serde_json::from_str(key).ok());
    (name, key)
}

pub(super) fn is_data(mode: Option<&str>, address: &str) -> bool {
    match mode {
        Some(mode) => mode == "data",
        None => {
            let steps = split_steps(address);
            steps
                .get(module_end(address, &steps))
                .is_some_and(|&(from, to)| &address[from..to] == "data")
        }
    }
}

/// `module.net["a"].module.b[0]` to `module.net.module.b`.
pub(in super::super) fn without_keys(module: &str) -> Cow<'_, str> {
    if !module.contains('[') {
        return Cow::Borrowed(module);
    }
    let steps = split_steps(module);
    let names: Vec<&str> = steps
        .iter()
        .map(|&(from, to)| split_key(&module[from..to]).0)
        .collect();
    Cow::Owned(names.join("."))
}
