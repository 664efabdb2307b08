//! Statements, from the parser's tree into the own one.

use std::collections::HashMap;
use std::sync::Arc;

use minijinja::machinery::{Span, ast};

use super::super::ast::{Body, Expression, For, Kind, Macro, Program, Statement, Step, Target};
use super::super::{TemplateError, TemplateErrorKind};
use super::rewrite::{DO, Rewritten};
use super::{SyntaxError, shared};

/// What lowering a text needs to know and collects.
pub struct Lowering<'t> {
    pub source: &'t Rewritten,
    newline: &'t str,
    blocks: HashMap<Arc<str>, Arc<Body>>,
}

type Lowered<T> = Result<T, SyntaxError>;

impl<'t> Lowering<'t> {
    pub fn new(source: &'t Rewritten, newline: &'t str) -> Self {
        Self { source, newline, blocks: HashMap::new() }
    }

    pub fn program(mut self, tree: &ast::Stmt<'_>) -> Lowered<Program> {
        let body = match tree {
            ast::Stmt::Template(template) => self.body(&template.children)?,
            other => self.body(std::slice::from_ref(other))?,
        };
        Ok(Program { body, blocks: self.blocks })
    }

    fn body(&mut self, statements: &[ast::Stmt<'_>]) -> Lowered<Body> {
        let mut body = Vec::with_capacity(statements.len());
        for statement in statements {
            self.statement(statement, &mut body)?;
        }
        Ok(body)
    }

    fn statement(&mut self, statement: &ast::Stmt<'_>, body: &mut Body) -> Lowered<()> {
        body.push(match statement {
            ast::Stmt::Template(template) => {
                body.extend(self.body(&template.children)?);
                return Ok(());
            }
            ast::Stmt::EmitExpr(print) => Statement::Print(self.expression(&print.expr)?),
            ast::Stmt::EmitRaw(raw) => Statement::Text(self.text(raw.raw)),
            ast::Stmt::ForLoop(node) => self.for_loop(node)?,
            ast::Stmt::IfCond(node) => self.condition(node)?,
            ast::Stmt::WithBlock(with) => {
                let mut assignments = Vec::with_capacity(with.assignments.len());
                for (target, value) in &with.assignments {
                    assignments.push((self.target(target)?, self.expression(value)?));
                }
                Statement::With(assignments, self.body(&with.body)?)
            }
            ast::Stmt::Set(set) => self.set(set)?,
            ast::Stmt::SetBlock(set) => {
                let filters = self.filters(set.filter.as_ref())?;
                Statement::SetBlock(self.target(&set.target)?, filters, self.body(&set.body)?)
            }
            ast::Stmt::AutoEscape(block) => {
                body.extend(self.body(&block.body)?);
                return Ok(());
            }
            ast::Stmt::FilterBlock(block) => {
                Statement::Filter(self.filters(Some(&block.filter))?, self.body(&block.body)?)
            }
            ast::Stmt::Block(block) => {
                let name = shared(block.name);
                let lowered = self.body(&block.body)?;
                self.blocks.insert(Arc::clone(&name), Arc::new(lowered));
                Statement::Block(name)
            }
            ast::Stmt::Extends(extends) => Statement::Extends(self.expression(&extends.name)?),
            ast::Stmt::Include(_) | ast::Stmt::Import(_) | ast::Stmt::FromImport(_) => self.other_file(statement)?,
            ast::Stmt::Macro(node) => Statement::Macro(Arc::new(self.macro_of(node)?)),
            ast::Stmt::CallBlock(block) => {
                let call = self.call(&block.call)?;
                Statement::Call(call, Arc::new(self.macro_of(&block.macro_decl)?))
            }
            ast::Stmt::Continue(_) => Statement::Continue,
            ast::Stmt::Break(_) => Statement::Break,
            ast::Stmt::Do(node) => Statement::Do(self.call(&node.call)?),
        });
        Ok(())
    }

    fn text(&self, raw: &str) -> Arc<str> {
        if self.newline == "\n" { shared(raw) } else { raw.replace('\n', self.newline).into() }
    }

    fn for_loop(&mut self, node: &ast::ForLoop<'_>) -> Lowered<Statement> {
        Ok(Statement::For(Arc::new(For {
            target: self.target(&node.target)?,
            items: self.expression(&node.iter)?,
            filter: node.filter_expr.as_ref().map(|filter| self.expression(filter)).transpose()?,
            recursive: node.recursive,
            body: self.body(&node.body)?,
            otherwise: self.body(&node.else_body)?,
        })))
    }

    fn condition(&mut self, node: &ast::IfCond<'_>) -> Lowered<Statement> {
        let mut branches = vec![(self.expression(&node.expr)?, self.body(&node.true_body)?)];
        let mut rest = &node.false_body;
        // `elif` comes as an `if` that stands alone in the other branch.
        while let [ast::Stmt::IfCond(inner)] = rest.as_slice() {
            branches.push((self.expression(&inner.expr)?, self.body(&inner.true_body)?));
            rest = &inner.false_body;
        }
        Ok(Statement::If(branches, self.body(rest)?))
    }

    fn set(&mut self, set: &ast::Set<'_>) -> Lowered<Statement> {
        let value = self.expression(&set.expr)?;
        Ok(match self.target(&set.target)? {
            Target::Name(name) if &*name == DO => Statement::Do(value),
            target => Statement::Set(target, value),
        })
    }

    fn target(&self, target: &ast::Expr<'_>) -> Lowered<Target> {
        Ok(match target {
            ast::Expr::Var(variable) => Target::Name(shared(variable.id)),
            ast::Expr::GetAttr(attribute) => match &attribute.expr {
                ast::Expr::Var(variable) => Target::Attribute(shared(variable.id), shared(attribute.name)),
                _ => return Err(self.refuse("only one attribute of a namespace can be assigned", target.span())),
            },
            ast::Expr::List(list) => self.unpack(&list.items)?,
            ast::Expr::Tuple(tuple) => self.unpack(&tuple.items)?,
            other => return Err(self.refuse("cannot assign to this expression", other.span())),
        })
    }

    fn unpack(&self, items: &[ast::Expr<'_>]) -> Lowered<Target> {
        Ok(Target::Unpack(items.iter().map(|item| self.target(item)).collect::<Lowered<_>>()?))
    }

    fn macro_of(&mut self, node: &ast::Macro<'_>) -> Lowered<Macro> {
        let without = node.args.len() - node.defaults.len();
        let mut parameters = Vec::with_capacity(node.args.len());
        for (place, argument) in node.args.iter().enumerate() {
            let ast::Expr::Var(variable) = argument else {
                return Err(self.refuse("parameters of macros are names", argument.span()));
            };
            let default = place.checked_sub(without).map(|place| self.expression(&node.defaults[place])).transpose()?;
            parameters.push((shared(variable.id), default));
        }
        Ok(Macro { name: shared(node.name), parameters, body: self.body(&node.body)? })
    }

    fn other_file(&mut self, statement: &ast::Stmt<'_>) -> Lowered<Statement> {
        Ok(match statement {
            ast::Stmt::Include(include) => Statement::Include {
                name: self.expression(&include.name)?,
                ignore_missing: include.ignore_missing,
                context: !self.says(include.span(), "without context"),
            },
            ast::Stmt::Import(import) => {
                let ast::Expr::Var(target) = &import.name else {
                    return Err(self.refuse("an import is bound to a name", import.name.span()));
                };
                Statement::Import {
                    name: self.expression(&import.expr)?,
                    target: shared(target.id),
                    context: self.says(import.span(), "with context"),
                }
            }
            ast::Stmt::FromImport(import) => {
                let mut names = Vec::with_capacity(import.names.len());
                for (name, alias) in &import.names {
                    let (Some(name), Some(alias)) = (name_of(name), name_of(alias.as_ref().unwrap_or(name))) else {
                        return Err(self.refuse("imported are names", import.span()));
                    };
                    names.push((name, alias));
                }
                Statement::FromImport {
                    name: self.expression(&import.expr)?,
                    names,
                    context: self.says(import.span(), "with context"),
                }
            }
            _ => return Err(SyntaxError { error: TemplateError::value("no statement about another file"), at: 0 }),
        })
    }

    /// Whether the words stand in the source of a statement; the parser skips them.
    fn says(&self, span: Span, words: &str) -> bool {
        let source = self.slice(span);
        let said: Vec<&str> = source.split_whitespace().collect();
        let wanted: Vec<&str> = words.split(' ').collect();
        said.windows(2).any(|pair| pair == wanted)
    }

    fn filters(&mut self, chain: Option<&ast::Expr<'_>>) -> Lowered<Vec<Step>> {
        let Some(chain) = chain else { return Ok(Vec::new()) };
        let mut steps = Vec::new();
        let mut next = Some(chain);
        while let Some(ast::Expr::Filter(filter)) = next {
            steps.push(self.filter_step(filter)?);
            next = filter.expr.as_ref();
        }
        steps.reverse();
        Ok(steps)
    }

    fn call(&mut self, call: &ast::Spanned<ast::Call<'_>>) -> Lowered<Expression> {
        let mut steps = vec![self.call_step(call)?];
        let base = self.path(&call.expr, &mut steps)?;
        steps.reverse();
        Ok(Expression { at: self.at(call.span()), kind: Kind::Path(Box::new(base), steps) })
    }

    pub fn at(&self, span: Span) -> u32 {
        self.source.original(span.start_offset)
    }

    pub fn slice(&self, span: Span) -> &str {
        self.source.text.get(span.start_offset as usize..span.end_offset as usize).unwrap_or_default()
    }

    pub fn refuse(&self, message: &str, span: Span) -> SyntaxError {
        SyntaxError { error: TemplateError::new(TemplateErrorKind::Syntax, message), at: self.at(span) }
    }
}

fn name_of(expression: &ast::Expr<'_>) -> Option<Arc<str>> {
    match expression {
        ast::Expr::Var(variable) => Some(shared(variable.id)),
        _ => None,
    }
}
