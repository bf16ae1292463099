// Package partiql reads the statements of PartiQL that DynamoDB knows: it makes a typed
// tree of them, or tells what is wrong with them in DynamoDB's words. It knows neither
// tables nor values of parameters, and performs nothing: package operation does.
//
// Reading goes in three steps, each of which has its own messages, as in DynamoDB, which
// reads statements with the PartiQL of https://github.com/partiql/partiql-lang-kotlin:
// lexer.go makes tokens; parse*.go make a tree of all of PartiQL that is needed to say
// what is not supported (node.go); translate*.go make of it what DynamoDB supports
// (ast.go). Read ast.go first.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.html
package partiql

import "github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"

// maxDepth is how deep a statement may nest: deep enough for all that fits in 8192
// characters and makes sense, and safe for the stack.
const maxDepth = 300

// Parse reads a statement. Its error is a ValidationException.
func Parse(text string) (Statement, error) {
	tokens, err := scan(text)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens}
	root, err := p.statement()
	if err != nil {
		return nil, err
	}
	return translate(root, p.parameters)
}

// malformed makes the exception of a text that is no PartiQL. DynamoDB puts its parser's
// message there, which is empty where the lexer failed.
func malformed(message string) *exception.Exception {
	return exception.Validation("Statement wasn't well formed, can't be processed: %s", message)
}
