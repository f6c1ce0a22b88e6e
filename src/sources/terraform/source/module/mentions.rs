//! Which blocks the arguments of a block mention.

use std::collections::BTreeSet;

use hcl_edit::expr::{Expression, TraversalOperator};

use super::super::attribute::Attribute;
use super::super::syntax::Body;
use super::super::term::Term;
use super::Evaluator;

impl<'t> Evaluator<'t> {
    /// The blocks that the arguments of a block mention, through variables, local values and outputs: addresses of all
    /// their instances. No more than `limit` names are followed.
    pub(in super::super) fn mentioned(
        &self,
        module: usize,
        block: &str,
        limit: usize,
    ) -> BTreeSet<String> {
        let node = self.node(module);
        let mut found = BTreeSet::new();
        let Some(block) = node.definition.resources.get(block) else {
            return found;
        };
        let mut seen: BTreeSet<(usize, String)> = BTreeSet::new();
        let mut own = Vec::new();
        expressions_of(&block.body, &mut own);
        let mut todo: Vec<(usize, &'t Expression)> =
            own.into_iter().map(|one| (module, one)).collect();
        while let Some((module, expression)) = todo.pop() {
            if seen.len() > limit {
                break;
            }
            let mut names = Vec::new();
            names_in(expression, &mut names);
            let node = self.node(module);
            for name in names {
                if !seen.insert((module, name.join("."))) {
                    continue;
                }
                let parts: Vec<&str> = name.iter().map(String::as_str).collect();
                match parts.as_slice() {
                    ["var", name, ..] => {
                        let argument = node.caller.as_ref().and_then(|caller| {
                            let argument = caller.block.body.attributes.get(*name)?;
                            Some((caller.module, argument.expression()?))
                        });
                        todo.extend(argument);
                    }
                    ["local", name, ..] => {
                        let local = node.definition.local(name);
                        let local = local.and_then(Attribute::expression);
                        todo.extend(local.map(|one| (module, one)));
                    }
                    ["each", "value", ..] => {
                        let each = block.body.attributes.get("for_each");
                        let each = each.and_then(Attribute::expression);
                        todo.extend(each.map(|each| (module, each)));
                    }
                    ["module", name, output, ..] => {
                        let called = match self.module_call(module, name) {
                            Ok(called) => called,
                            Err(_) => continue,
                        };
                        let callees: Vec<usize> = match &called {
                            Term::Module(callee) => vec![*callee],
                            Term::List(items) => items.iter().filter_map(module_of).collect(),
                            Term::Object(members) => {
                                let all = members.entries.values().chain(&members.rest);
                                all.filter_map(module_of).collect()
                            }
                            _ => Vec::new(),
                        };
                        for callee in callees.into_iter().take(limit) {
                            let definition = self.node(callee).definition;
                            let output = definition.outputs.get(*output);
                            let value = output.and_then(|block| block.body.attributes.get("value"));
                            let value = value.and_then(Attribute::expression);
                            todo.extend(value.map(|value| (callee, value)));
                        }
                    }
                    [mode @ "data", kind, name, ..] => {
                        self.add_instances(module, &format!("{mode}.{kind}.{name}"), &mut found)
                    }
                    [kind, name, ..] => {
                        self.add_instances(module, &format!("{kind}.{name}"), &mut found)
                    }
                    _ => {}
                }
            }
        }
        found
    }

    fn add_instances(&self, module: usize, block: &str, found: &mut BTreeSet<String>) {
        let node = self.node(module);
        let Some(declared) = node.definition.resources.get(block) else {
            return;
        };
        let resource_type = declared.block.labels.first();
        let is_wanted = resource_type.is_some_and(|own| (self.is_wanted)(own));
        if !is_wanted && !self.is_expanded(module, block) {
            // Nobody asked how many there are: the block stands for all of them.
            found.insert(self.address(module, block));
        } else if let Ok(expansion) = self.expansion(module, block) {
            let addresses = expansion.instances.iter();
            found.extend(addresses.map(|one| one.handle.address.to_string()));
        }
    }
}

fn module_of(term: &Term) -> Option<usize> {
    match term {
        Term::Module(module) => Some(*module),
        _ => None,
    }
}

/// Every expression in a body. The depth is bounded by the parser.
fn expressions_of<'t>(body: &'t Body, found: &mut Vec<&'t Expression>) {
    found.extend(body.attributes.values().filter_map(Attribute::expression));
    for nested in &body.blocks {
        expressions_of(&nested.body, found);
    }
}

/// What an expression refers to, as names: `["aws_vpc", "a", "id"]`. The depth is bounded by the parser.
fn names_in(expression: &Expression, names: &mut Vec<Vec<String>>) {
    struct Names<'n>(&'n mut Vec<Vec<String>>);
    impl hcl_edit::visit::Visit for Names<'_> {
        fn visit_traversal(&mut self, traversal: &hcl_edit::expr::Traversal) {
            if let Expression::Variable(root) = &traversal.expr {
                let mut name = vec![root.as_str().to_owned()];
                for operator in &traversal.operators {
                    match operator.value() {
                        TraversalOperator::GetAttr(part) => name.push(part.as_str().to_owned()),
                        // `module.net["a"].vpc_id` names what `module.net.vpc_id` does.
                        _ if name.first().is_some_and(|root| root == "module") => {}
                        _ => break,
                    }
                }
                name.truncate(4);
                self.0.push(name);
            }
            hcl_edit::visit::visit_traversal(self, traversal);
        }
    }
    hcl_edit::visit::Visit::visit_expr(&mut Names(names), expression);
}
