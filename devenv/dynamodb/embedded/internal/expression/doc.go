// Package expression is DynamoDB's expression language: conditions, filters, key
// conditions, updates and projections, their placeholders, and the older parameters
// (Expected, AttributeUpdates, KeyConditions, …) that say the same without a grammar.
//
// A text goes through three stages, and each may refuse it, with DynamoDB's message: the
// parser (condition_parse.go, update_parse.go, projection.go on parse.go and lexer.go),
// the check of words (words.go: functions and reserved words), and the check of operands
// (resolve.go: placeholders, numbers and types of operands). What comes out is evaluated
// against items (evaluate.go, apply.go, project.go). Read placeholders.go first.
//
// It knows no requests, no operations, and of tables only the names and types of keys.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html
package expression
