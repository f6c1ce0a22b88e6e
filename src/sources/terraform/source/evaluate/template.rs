//! Templates: texts with interpolations and directives.

use hcl_edit::template::{Directive, Element, Strip, Template};

use super::super::module::Evaluator;
use super::super::term::{Term, Unknown};
use super::{Binding, Fault, Outcome, Scope};

impl Evaluator<'_> {
    /// A template: a text, or the value itself where it consists of one interpolation.
    pub(in super::super) fn template(&self, template: &Template, scope: Scope<'_>) -> Outcome {
        if let Some(Element::Interpolation(only)) = template.as_single_element() {
            return self.evaluate(&only.expr, scope);
        }
        let mut written = Written::default();
        self.write(template, scope, &mut written)?;
        Ok(written.finish())
    }

    fn write(
        &self,
        template: &Template,
        scope: Scope<'_>,
        written: &mut Written,
    ) -> Result<(), Fault> {
        let Some(_descent) = self.budget.descend() else {
            return Err(Fault::Exhausted);
        };
        for element in template {
            match element {
                Element::Literal(text) => {
                    self.pay_text(text.len())?;
                    written.literal(text);
                }
                Element::Interpolation(interpolation) => {
                    written.strip_start(interpolation.strip);
                    let value = self.evaluate(&interpolation.expr, scope)?;
                    let (plain, is_secret) = value.revealed();
                    written.is_secret |= is_secret;
                    match plain.to_text() {
                        Some(text) => {
                            self.pay_text(text.len())?;
                            written.value(&text);
                        }
                        None if plain.has_unknown() => written.unknown(plain),
                        None => return Err(Fault::wrong("a template holds what is no text")),
                    }
                    written.strip_end(interpolation.strip);
                }
                Element::Directive(directive) => match &**directive {
                    Directive::If(directive) => {
                        written.strip_start(directive.if_expr.strip);
                        let condition = self.evaluate(&directive.if_expr.cond_expr, scope)?;
                        let (plain, is_secret) = condition.revealed();
                        written.is_secret |= is_secret;
                        match plain.to_bool() {
                            Some(true) => {
                                written.strip_end(directive.if_expr.strip);
                                self.write(&directive.if_expr.template, scope, written)?;
                            }
                            Some(false) => {
                                if let Some(otherwise) = &directive.else_expr {
                                    written.strip_end(otherwise.strip);
                                    self.write(&otherwise.template, scope, written)?;
                                }
                            }
                            None => written.unknown(plain),
                        }
                        written.strip_start(directive.endif_expr.strip);
                        written.strip_end(directive.endif_expr.strip);
                    }
                    Directive::For(directive) => {
                        let intro = &directive.for_expr;
                        written.strip_start(intro.strip);
                        let collection = self.evaluate(&intro.collection_expr, scope)?;
                        let (plain, is_secret) = collection.revealed();
                        written.is_secret |= is_secret;
                        match self.entries(plain)? {
                            Err(unknown) => written.unknown(&unknown),
                            Ok(entries) => {
                                self.pay_elements(entries.len())?;
                                for (key, value) in entries {
                                    let value_binding = Binding {
                                        name: intro.value_var.as_str(),
                                        value,
                                        outer: scope.bindings,
                                    };
                                    let key_binding = intro.key_var.as_ref().map(|name| Binding {
                                        name: name.as_str(),
                                        value: key,
                                        outer: Some(&value_binding),
                                    });
                                    let scope = Scope {
                                        bindings: Some(
                                            key_binding.as_ref().unwrap_or(&value_binding),
                                        ),
                                        ..scope
                                    };
                                    written.strip_end(intro.strip);
                                    self.write(&intro.template, scope, written)?;
                                    written.strip_start(directive.endfor_expr.strip);
                                }
                            }
                        }
                        written.strip_end(directive.endfor_expr.strip);
                    }
                },
            }
        }
        Ok(())
    }
}

/// A text that is being put together.
#[derive(Default)]
struct Written {
    text: String,
    unknown: Vec<Term>,
    is_secret: bool,
    /// White space at the beginning of the next literal goes.
    strips_next: bool,
}

impl Written {
    fn literal(&mut self, text: &str) {
        let text = if std::mem::take(&mut self.strips_next) {
            text.trim_start()
        } else {
            text
        };
        self.text.push_str(text);
    }

    pub(super) fn value(&mut self, text: &str) {
        self.strips_next = false;
        self.text.push_str(text);
    }

    pub(super) fn unknown(&mut self, term: &Term) {
        self.strips_next = false;
        // Enough to tell it apart; the name of an unknown is cut short anyway.
        if self.unknown.len() < 64 {
            self.text.push_str(&format!("${{{term}}}"));
        }
        self.unknown.push(term.clone());
    }

    fn strip_start(&mut self, strip: Strip) {
        if matches!(strip, Strip::Start | Strip::Both) {
            self.text.truncate(self.text.trim_end().len());
        }
    }

    fn strip_end(&mut self, strip: Strip) {
        if matches!(strip, Strip::End | Strip::Both) {
            self.strips_next = true;
        }
    }

    fn finish(self) -> Term {
        let term = if self.unknown.is_empty() {
            Term::text(self.text)
        } else {
            let name = if self.is_secret {
                "(sensitive)".to_owned()
            } else {
                format!("\"{}\"", self.text)
            };
            Term::unknown(Unknown::derived(name, &self.unknown))
        };
        term.kept(self.is_secret)
    }
}
