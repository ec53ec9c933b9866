//! From the syntax tree to facts: a node that tells something is read before what stands inside it. What expressions stand for is told
//! by `value`.

use oxc_allocator::Vec as List;
use oxc_ast::ast::{
    AccessorProperty, ArrayExpressionElement, AssignmentExpression, AssignmentPattern, AssignmentTargetPropertyIdentifier,
    AssignmentTargetWithDefault, BinaryExpression, BinaryOperator, BindingPattern, CallExpression, ComputedMemberExpression,
    ExportAllDeclaration, ExportFromDeclaration, Expression, ForInStatement, ForOfStatement, FormalParameter, ImportDeclaration,
    ImportDeclarationSpecifier, ImportExpression, JSXAttribute, JSXAttributeValue, NewExpression, ObjectProperty, Program,
    PropertyDefinition, StaticMemberExpression, StringLiteral, SwitchCase, TSClassImplements, TSEnumDeclaration, TSImportEqualsDeclaration,
    TSInterfaceDeclaration, TSModuleReference, TSType, TSTypeAliasDeclaration, TSTypeAnnotation, TSTypeParameterDeclaration,
    TSTypeParameterInstantiation, TaggedTemplateExpression, TemplateLiteral, VariableDeclarator,
};
use oxc_ast_visit::{Visit, walk};
use oxc_span::{GetSpan, Span};
use rustc_hash::FxHashSet;

use super::super::addressed;
use super::super::facts::{Assignment, Call, Facts, Import, Value};
use super::super::lines::Lines;
use super::given::given_or_annotated;
use super::value;
use crate::config::value::is_for_readers;

/// Brackets around a text through which it is still held against something: `a == ("b")`, `a in ["b", "c"]`.
const AROUND_A_TEXT: usize = 3;

/// Adds what a script tells to the facts; its first line has the given number.
pub(super) fn read(program: &Program<'_>, first_line: u32, facts: &mut Facts) {
    let mut reader = Reader {
        source: program.source_text,
        first_line,
        lines: Lines::of(program.source_text),
        compared: FxHashSet::default(),
        shown: FxHashSet::default(),
        facts,
    };
    reader.visit_program(program);
}

pub(super) struct Reader<'s, 'f> {
    source: &'s str,
    first_line: u32,
    lines: Lines,
    /// Where texts begin that are only held against something.
    compared: FxHashSet<u32>,
    /// Where texts begin that are only shown to people.
    shown: FxHashSet<u32>,
    facts: &'f mut Facts,
}

/// A module by the name of its package, where an address stands for it.
fn named(module: &str) -> String {
    addressed::package_of(module).unwrap_or(module).to_owned()
}

impl Reader<'_, '_> {
    fn line(&self, span: Span) -> u32 {
        self.first_line.saturating_add(self.lines.at(span.start as usize) - 1)
    }

    pub(super) fn import(&mut self, path: String, local: &str, span: Span) {
        let line = self.line(span);
        self.facts.imports.push(Import {
            path,
            local: local.to_owned(),
            line,
        });
    }

    /// A name that is given a value and can be looked up later.
    pub(super) fn assign(&mut self, target: String, value: Option<Value>, span: Span) {
        if let Some(value) = value {
            let line = self.line(span);
            self.facts.assignments.push(Assignment {
                target,
                value,
                line,
                named: true,
            });
        }
    }

    fn called(&mut self, callee: &Expression<'_>, arguments: Vec<(String, Value)>, span: Span) {
        if let Some(callee) = value::path(callee) {
            let line = self.line(span);
            self.facts.calls.push(Call { callee, arguments, line });
        }
    }

    fn looked_up(&mut self, variable: Option<String>, span: Span) {
        if let Some(name) = variable {
            let line = self.line(span);
            self.facts.variables.push((name, line));
        }
    }

    fn text(&mut self, text: String, span: Span) {
        if !text.is_empty() && !self.shown.contains(&span.start) {
            let line = self.line(span);
            self.facts.literal(text, line, self.compared.contains(&span.start));
        }
    }

    /// Notes the texts of an expression that is held against something.
    fn hold(&mut self, side: &Expression<'_>, depth: usize) {
        match side {
            Expression::StringLiteral(text) => {
                self.compared.insert(text.span.start);
            }
            Expression::TemplateLiteral(text) => {
                self.compared.insert(text.span.start);
            }
            Expression::ParenthesizedExpression(inner) if depth < AROUND_A_TEXT => self.hold(&inner.expression, depth + 1),
            Expression::ArrayExpression(array) if depth < AROUND_A_TEXT => {
                for element in array.elements.iter().filter_map(ArrayExpressionElement::as_expression) {
                    self.hold(element, depth + 1);
                }
            }
            _ => {}
        }
    }
}

/// The module in `require("x")` and `import("x")`, with its name.
pub(super) fn required(expression: &Expression<'_>) -> Option<String> {
    match expression {
        Expression::CallExpression(call) => required_by(call),
        Expression::ImportExpression(import) => value::text(&import.source).map(|module| named(&module)),
        _ => None,
    }
}

fn required_by(call: &CallExpression<'_>) -> Option<String> {
    call.callee.is_specific_id("require").then_some(())?;
    value::text(value::first(&call.arguments)?).map(|module| named(&module))
}

impl<'a> Visit<'a> for Reader<'_, '_> {
    fn visit_import_declaration(&mut self, import: &ImportDeclaration<'a>) {
        let module = named(&import.source.value);
        // `import type` brings no code, but it names what the project builds on.
        let brought = import.specifiers.as_ref().map_or(&[][..], |brought| brought.as_slice());
        for specifier in brought {
            match specifier {
                ImportDeclarationSpecifier::ImportDefaultSpecifier(one) => {
                    self.import(format!("{module}.default"), &one.local.name, import.span);
                }
                ImportDeclarationSpecifier::ImportNamespaceSpecifier(all) => self.import(module.clone(), &all.local.name, import.span),
                ImportDeclarationSpecifier::ImportSpecifier(one) => {
                    self.import(format!("{module}.{}", one.imported.name()), &one.local.name, one.span);
                }
            }
        }
        if brought.is_empty() {
            self.import(module, "", import.span);
        }
    }

    fn visit_ts_import_equals_declaration(&mut self, import: &TSImportEqualsDeclaration<'a>) {
        if let TSModuleReference::ExternalModuleReference(module) = &import.module_reference {
            self.import(named(&module.expression.value), &import.id.name, import.span);
        }
    }

    fn visit_export_all_declaration(&mut self, export: &ExportAllDeclaration<'a>) {
        self.import(named(&export.source.value), "", export.span);
        walk::walk_export_all_declaration(self, export);
    }

    fn visit_export_from_declaration(&mut self, export: &ExportFromDeclaration<'a>) {
        self.import(named(&export.source.value), "", export.span);
        walk::walk_export_from_declaration(self, export);
    }

    fn visit_import_expression(&mut self, import: &ImportExpression<'a>) {
        if let Some(module) = value::text(&import.source) {
            self.import(named(&module), "", import.span);
        }
        walk::walk_import_expression(self, import);
    }

    fn visit_call_expression(&mut self, call: &CallExpression<'a>) {
        if let Some(module) = required_by(call) {
            self.import(module, "", call.span);
        } else {
            self.looked_up(value::variable_in_call(call), call.span);
            self.called(&call.callee, value::arguments(&call.arguments), call.span);
        }
        walk::walk_call_expression(self, call);
    }

    fn visit_new_expression(&mut self, new: &NewExpression<'a>) {
        self.called(&new.callee, value::arguments(&new.arguments), new.span);
        walk::walk_new_expression(self, new);
    }

    fn visit_tagged_template_expression(&mut self, call: &TaggedTemplateExpression<'a>) {
        // $`a`
        let argument = Value::Text(value::filled(&call.quasi));
        self.called(&call.tag, vec![("0".to_owned(), argument)], call.span);
        walk::walk_tagged_template_expression(self, call);
    }

    fn visit_variable_declarator(&mut self, declarator: &VariableDeclarator<'a>) {
        self.declared(declarator);
        walk::walk_variable_declarator(self, declarator);
    }

    fn visit_assignment_expression(&mut self, assignment: &AssignmentExpression<'a>) {
        if let Some(path) = value::path_of_target(&assignment.left) {
            self.assign(path.join("."), value::value(&assignment.right), assignment.span);
        }
        walk::walk_assignment_expression(self, assignment);
    }

    fn visit_for_in_statement(&mut self, statement: &ForInStatement<'a>) {
        self.gone_through(&statement.left, &statement.right, statement.span);
        walk::walk_for_in_statement(self, statement);
    }

    fn visit_for_of_statement(&mut self, statement: &ForOfStatement<'a>) {
        self.gone_through(&statement.left, &statement.right, statement.span);
        walk::walk_for_of_statement(self, statement);
    }

    fn visit_property_definition(&mut self, field: &PropertyDefinition<'a>) {
        self.field(&field.key, field.value.as_ref(), field.type_annotation.as_deref(), field.span);
        walk::walk_property_definition(self, field);
    }

    fn visit_accessor_property(&mut self, field: &AccessorProperty<'a>) {
        self.field(&field.key, field.value.as_ref(), field.type_annotation.as_deref(), field.span);
        walk::walk_accessor_property(self, field);
    }

    fn visit_formal_parameter(&mut self, parameter: &FormalParameter<'a>) {
        if let BindingPattern::BindingIdentifier(name) = &parameter.pattern
            && let Some(value) = given_or_annotated(parameter.initializer.as_deref(), parameter.type_annotation.as_deref())
        {
            // `constructor(private client: Client)` is a field too.
            if parameter.has_modifier() {
                self.assign(format!("this.{}", name.name), Some(value.clone()), parameter.span);
            }
            self.assign(name.name.to_string(), Some(value), parameter.span);
        }
        walk::walk_formal_parameter(self, parameter);
    }

    fn visit_assignment_pattern(&mut self, pattern: &AssignmentPattern<'a>) {
        if let BindingPattern::BindingIdentifier(name) = &pattern.left {
            self.assign(name.name.to_string(), value::value(&pattern.right), pattern.span);
        }
        walk::walk_assignment_pattern(self, pattern);
    }

    fn visit_assignment_target_with_default(&mut self, target: &AssignmentTargetWithDefault<'a>) {
        if let Some(path) = value::path_of_target(&target.binding) {
            self.assign(path.join("."), value::value(&target.init), target.span);
        }
        walk::walk_assignment_target_with_default(self, target);
    }

    fn visit_assignment_target_property_identifier(&mut self, target: &AssignmentTargetPropertyIdentifier<'a>) {
        self.assign(
            target.binding.name.to_string(),
            target.init.as_ref().and_then(value::value),
            target.span,
        );
        walk::walk_assignment_target_property_identifier(self, target);
    }

    fn visit_object_property(&mut self, entry: &ObjectProperty<'a>) {
        let key = value::key(&entry.key, entry.computed).filter(|_| !entry.shorthand && !entry.method);
        if let Some(key) = key {
            let written = entry.value.span().source_text(self.source);
            let line = self.line(entry.span);
            self.facts.entry(key.to_owned(), written, || value::value(&entry.value), line);
            if is_for_readers(key) {
                self.shown.extend([entry.key.span().start, entry.value.span().start]);
            }
        }
        walk::walk_object_property(self, entry);
    }

    fn visit_ts_enum_declaration(&mut self, declaration: &TSEnumDeclaration<'a>) {
        self.enumerated(declaration);
        walk::walk_ts_enum_declaration(self, declaration);
    }

    fn visit_static_member_expression(&mut self, member: &StaticMemberExpression<'a>) {
        if value::is_environment(&member.object) {
            self.looked_up(Some(member.property.name.to_string()), member.span);
        }
        walk::walk_static_member_expression(self, member);
    }

    fn visit_computed_member_expression(&mut self, member: &ComputedMemberExpression<'a>) {
        if value::is_environment(&member.object) {
            self.looked_up(value::text(&member.expression), member.span);
        }
        walk::walk_computed_member_expression(self, member);
    }

    fn visit_jsx_attribute(&mut self, attribute: &JSXAttribute<'a>) {
        let given = match &attribute.value {
            Some(JSXAttributeValue::StringLiteral(text)) => Some((Some(Value::Text(value::quoted(text))), text.span)),
            Some(JSXAttributeValue::ExpressionContainer(inner)) => {
                let inner = inner.expression.as_expression();
                inner.map(|inner| (value::value(inner), inner.span()))
            }
            _ => None,
        };
        if let Some((value, span)) = given {
            let target = attribute.name.span().source_text(self.source);
            // A link is for people to follow.
            if target == "href" {
                self.shown.insert(span.start);
                return;
            }
            if is_for_readers(target) {
                self.shown.insert(span.start);
            }
            if let Some(value) = value {
                let line = self.line(attribute.span);
                self.facts.assignments.push(Assignment {
                    target: target.to_owned(),
                    value,
                    line,
                    named: false,
                });
            }
        }
        walk::walk_jsx_attribute(self, attribute);
    }

    fn visit_binary_expression(&mut self, expression: &BinaryExpression<'a>) {
        if expression.operator.is_equality() || expression.operator == BinaryOperator::In {
            self.hold(&expression.left, 0);
            self.hold(&expression.right, 0);
        }
        walk::walk_binary_expression(self, expression);
    }

    fn visit_switch_case(&mut self, case: &SwitchCase<'a>) {
        if let Some(test) = &case.test {
            self.hold(test, 0);
        }
        walk::walk_switch_case(self, case);
    }

    fn visit_string_literal(&mut self, string: &StringLiteral<'a>) {
        self.text(value::quoted(string), string.span);
    }

    fn visit_template_literal(&mut self, template: &TemplateLiteral<'a>) {
        self.text(value::filled(template), template.span);
        walk::walk_template_literal(self, template);
    }

    // Type positions hold names of literals, not uses.

    fn visit_ts_type(&mut self, kind: &TSType<'a>) {
        // `a as import("x").Y`
        if let TSType::TSImportType(import) = kind {
            self.import(named(&import.source.value), "", import.span);
        }
    }

    fn visit_ts_type_annotation(&mut self, _: &TSTypeAnnotation<'a>) {}

    fn visit_ts_type_parameter_instantiation(&mut self, _: &TSTypeParameterInstantiation<'a>) {}

    fn visit_ts_type_parameter_declaration(&mut self, _: &TSTypeParameterDeclaration<'a>) {}

    fn visit_ts_type_alias_declaration(&mut self, _: &TSTypeAliasDeclaration<'a>) {}

    fn visit_ts_interface_declaration(&mut self, _: &TSInterfaceDeclaration<'a>) {}

    fn visit_ts_class_implements_list(&mut self, _: &List<'a, TSClassImplements<'a>>) {}
}
