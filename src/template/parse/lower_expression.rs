//! Expressions, from the parser's tree into the own one.

use minijinja::machinery::{Span, ast};
use minijinja::value::ValueKind;

use super::super::ast::{Argument, Comparison, Expression, Kind, Operator, Sequence, Step, StepKind};
use super::super::{TemplateError, Value};
use super::lower::Lowering;
use super::{SyntaxError, python_text, shared};

type Lowered<T> = Result<T, SyntaxError>;

impl Lowering<'_> {
    pub fn expression(&mut self, expression: &ast::Expr<'_>) -> Lowered<Expression> {
        let at = self.at(expression.span());
        let kind = match expression {
            ast::Expr::Var(variable) => Kind::Name(shared(variable.id)),
            ast::Expr::Const(constant) => Kind::Constant(self.constant(&constant.value, constant.span())?),
            ast::Expr::UnaryOp(unary) => {
                let operand = Box::new(self.expression(&unary.expr)?);
                match unary.op {
                    ast::UnaryOpKind::Not => Kind::Not(operand),
                    ast::UnaryOpKind::Neg => Kind::Negate(operand),
                }
            }
            ast::Expr::BinOp(_) => self.binary(expression)?,
            ast::Expr::Compare(compare) => {
                let mut rest = Vec::with_capacity(compare.ops.len());
                for operand in &compare.ops {
                    rest.push((comparison(operand.op), self.expression(&operand.expr)?));
                }
                Kind::Compare(Box::new(self.expression(&compare.expr)?), rest)
            }
            ast::Expr::IfExpr(choice) => Kind::If(
                Box::new(self.expression(&choice.test_expr)?),
                Box::new(self.expression(&choice.true_expr)?),
                choice.false_expr.as_ref().map(|other| self.expression(other).map(Box::new)).transpose()?,
            ),
            ast::Expr::List(list) => Kind::List(self.expressions(&list.items)?, Sequence::List),
            ast::Expr::Tuple(tuple) => Kind::List(self.expressions(&tuple.items)?, Sequence::Tuple),
            ast::Expr::Map(map) => {
                let mut entries = Vec::with_capacity(map.keys.len());
                for (key, value) in map.keys.iter().zip(&map.values) {
                    entries.push((self.expression(key)?, self.expression(value)?));
                }
                Kind::Dict(entries)
            }
            path => {
                let mut steps = Vec::new();
                let base = self.path(path, &mut steps)?;
                steps.reverse();
                Kind::Path(Box::new(base), steps)
            }
        };
        Ok(Expression { at, kind })
    }

    fn expressions(&mut self, items: &[ast::Expr<'_>]) -> Lowered<Vec<Expression>> {
        items.iter().map(|item| self.expression(item)).collect()
    }

    /// Collects the steps of a path, last first, and gives what it starts from.
    pub fn path(&mut self, path: &ast::Expr<'_>, steps: &mut Vec<Step>) -> Lowered<Expression> {
        let mut next = path;
        loop {
            let at = self.at(next.span());
            let kind = match next {
                ast::Expr::GetAttr(attribute) => {
                    next = &attribute.expr;
                    StepKind::Attribute(shared(attribute.name))
                }
                ast::Expr::GetItem(item) => {
                    let key = self.expression(&item.subscript_expr)?;
                    next = &item.expr;
                    StepKind::Item(key)
                }
                ast::Expr::Slice(slice) => {
                    let mut bound = |bound: &Option<ast::Expr<'_>>| {
                        bound.as_ref().map(|expression| self.expression(expression)).transpose()
                    };
                    let bounds = [bound(&slice.start)?, bound(&slice.stop)?, bound(&slice.step)?];
                    next = &slice.expr;
                    StepKind::Slice(bounds)
                }
                ast::Expr::Call(call) => {
                    steps.push(self.call_step(call)?);
                    next = &call.expr;
                    continue;
                }
                ast::Expr::Filter(filter) => {
                    steps.push(self.filter_step(filter)?);
                    match &filter.expr {
                        Some(value) => next = value,
                        None => return Err(self.refuse("a filter needs a value", filter.span())),
                    }
                    continue;
                }
                ast::Expr::Test(test) => {
                    let arguments = self.arguments(&test.args)?;
                    let name = test.name.split_whitespace().collect::<String>();
                    next = &test.expr;
                    StepKind::Test(shared(&name), arguments)
                }
                base => return self.expression(base),
            };
            steps.push(Step { at, kind });
        }
    }

    pub fn call_step(&mut self, call: &ast::Spanned<ast::Call<'_>>) -> Lowered<Step> {
        Ok(Step { at: self.at(call.span()), kind: StepKind::Call(self.arguments(&call.args)?) })
    }

    pub fn filter_step(&mut self, filter: &ast::Spanned<ast::Filter<'_>>) -> Lowered<Step> {
        let name = filter.name.split_whitespace().collect::<String>();
        let kind = StepKind::Filter(shared(&name), self.arguments(&filter.args)?);
        Ok(Step { at: self.at(filter.span()), kind })
    }

    fn arguments(&mut self, arguments: &[ast::CallArg<'_>]) -> Lowered<Vec<Argument>> {
        let lowered = arguments.iter().map(|argument| {
            Ok(match argument {
                ast::CallArg::Pos(value) => Argument::Positional(self.expression(value)?),
                ast::CallArg::Kwarg(name, value) => Argument::Named(shared(name), self.expression(value)?),
                ast::CallArg::PosSplat(value) => Argument::Items(self.expression(value)?),
                ast::CallArg::KwargSplat(value) => Argument::Entries(self.expression(value)?),
            })
        });
        lowered.collect()
    }

    /// Flattens operators of one rank: `a + b - c` is one list, and so are `a and b and c`.
    fn binary(&mut self, expression: &ast::Expr<'_>) -> Lowered<Kind> {
        let mut rest = Vec::new();
        let mut first = expression;
        while let ast::Expr::BinOp(node) = first {
            if !rest.is_empty() && rank(node.op) != rank_of(expression) {
                break;
            }
            rest.push((node.op, &node.right));
            first = &node.left;
            if rank(node.op) == Rank::Comparison {
                break;
            }
        }
        rest.reverse();
        let first = self.expression(first)?;
        let mut lowered = Vec::with_capacity(rest.len());
        for (operator, operand) in rest {
            lowered.push((operator, self.expression(operand)?));
        }
        Ok(match rank_of(expression) {
            Rank::And => Kind::And(operands(first, lowered)),
            Rank::Or => Kind::Or(operands(first, lowered)),
            Rank::Comparison => {
                let rest = lowered.into_iter().map(|(operator, operand)| (binary_comparison(operator), operand));
                Kind::Compare(Box::new(first), rest.collect())
            }
            _ => {
                let rest = lowered.into_iter().map(|(operator, operand)| (arithmetic(operator), operand));
                Kind::Arithmetic(Box::new(first), rest.collect())
            }
        })
    }

    fn constant(&self, value: &minijinja::Value, span: Span) -> Lowered<Value> {
        Ok(match value.kind() {
            ValueKind::Bool => Value::Bool(value.is_true()),
            ValueKind::Number if value.is_integer() => match i64::try_from(value.clone()) {
                Ok(integer) => Value::Int(integer),
                Err(_) => return Err(self.refuse("the integer is too large", span)),
            },
            ValueKind::Number => Value::Float(f64::try_from(value.clone()).unwrap_or(f64::NAN)),
            ValueKind::String => Value::text(self.quoted(value.as_str().unwrap_or_default(), span)?),
            _ => Value::Null,
        })
    }

    /// The parser reads a few escapes otherwise than Python, so that texts with escapes are read again.
    fn quoted(&self, parsed: &str, span: Span) -> Lowered<String> {
        let source = self.slice(span);
        if !source.contains('\\') {
            return Ok(parsed.to_owned());
        }
        python_text::unquote(source).ok_or_else(|| SyntaxError {
            error: TemplateError {
                kind: super::super::TemplateErrorKind::Syntax,
                ..TemplateError::value("invalid escape in a quoted text")
            },
            at: self.at(span),
        })
    }
}

fn operands(first: Expression, rest: Vec<(ast::BinOpKind, Expression)>) -> Vec<Expression> {
    std::iter::once(first).chain(rest.into_iter().map(|(_, operand)| operand)).collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Rank {
    Or,
    And,
    Comparison,
    Sum,
    Concatenation,
    Product,
    Power,
}

fn rank(operator: ast::BinOpKind) -> Rank {
    use ast::BinOpKind as Op;
    match operator {
        Op::ScOr => Rank::Or,
        Op::ScAnd => Rank::And,
        Op::Add | Op::Sub => Rank::Sum,
        Op::Concat => Rank::Concatenation,
        Op::Mul | Op::Div | Op::FloorDiv | Op::Rem => Rank::Product,
        Op::Pow => Rank::Power,
        Op::Eq | Op::Ne | Op::Lt | Op::Lte | Op::Gt | Op::Gte | Op::In => Rank::Comparison,
    }
}

fn rank_of(expression: &ast::Expr<'_>) -> Rank {
    match expression {
        ast::Expr::BinOp(node) => rank(node.op),
        _ => Rank::Comparison,
    }
}

fn arithmetic(operator: ast::BinOpKind) -> Operator {
    use ast::BinOpKind as Op;
    match operator {
        Op::Sub => Operator::Subtract,
        Op::Mul => Operator::Multiply,
        Op::Div => Operator::Divide,
        Op::FloorDiv => Operator::FloorDivide,
        Op::Rem => Operator::Modulo,
        Op::Pow => Operator::Power,
        Op::Concat => Operator::Concatenate,
        _ => Operator::Add,
    }
}

fn binary_comparison(operator: ast::BinOpKind) -> Comparison {
    use ast::BinOpKind as Op;
    match operator {
        Op::Ne => Comparison::NotEqual,
        Op::Lt => Comparison::Less,
        Op::Lte => Comparison::LessOrEqual,
        Op::Gt => Comparison::Greater,
        Op::Gte => Comparison::GreaterOrEqual,
        Op::In => Comparison::In,
        _ => Comparison::Equal,
    }
}

fn comparison(operator: ast::CompareOpKind) -> Comparison {
    use ast::CompareOpKind as Op;
    match operator {
        Op::Eq => Comparison::Equal,
        Op::Ne => Comparison::NotEqual,
        Op::Lt => Comparison::Less,
        Op::Lte => Comparison::LessOrEqual,
        Op::Gt => Comparison::Greater,
        Op::Gte => Comparison::GreaterOrEqual,
        Op::In => Comparison::In,
        Op::NotIn => Comparison::NotIn,
    }
}
